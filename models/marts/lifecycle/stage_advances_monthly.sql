-- One row per month in which customers entered a step of the lifecycle, step and dimensions: how many went on to a later
-- one. Journeys are followed through sign-ins and merges: a visitor gets further only under the id of a customer.
{% set horizons = [30, 90, 365] %}
{% set cohort = 'brand, entry_month, stage, acquisition_channel, country_code, segment' %}
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

dimensions as (
    select * from {{ ref('customer_lifecycle', 'int_customer_dimensions') }}
),

steps as (
    select journeys.customer_key, journeys.step_number, journeys.entered_date, journeys.stage, stages.step
    from {{ ref('customer_lifecycle', 'int_customer_journey_steps') }} as journeys
    inner join {{ ref('customer_lifecycle', 'lifecycle_stages') }} as stages on journeys.stage = stages.stage
    where stages.step is not null
),

advances as (
    select steps.customer_key, steps.step_number, min(later_steps.entered_date) as advanced_date
    from steps
    inner join steps as later_steps
        on
            steps.customer_key = later_steps.customer_key
            and steps.step_number < later_steps.step_number
            and steps.step < later_steps.step
    group by steps.customer_key, steps.step_number
),

entries as (
    select
        dimensions.brand,
        {{ period_start('month', 'steps.entered_date') }} as entry_month,
        steps.stage,
        dimensions.acquisition_channel,
        dimensions.country_code,
        dimensions.segment,
        {{ days_between('steps.entered_date', 'as_of.as_of_date') }} as observed_days,
        {{ days_between('steps.entered_date', 'advances.advanced_date') }} as days_to_advance
    from steps
    inner join dimensions on steps.customer_key = dimensions.customer_key
    left join advances on steps.customer_key = advances.customer_key and steps.step_number = advances.step_number
    cross join as_of
),

counts as (
    select
        {{ cohort }},
        {% for days in horizons %}
        sum(case when observed_days >= {{ days }} then 1 else 0 end) as eligible_{{ days }}d_count,
        sum(case when days_to_advance <= {{ days }} and observed_days >= {{ days }} then 1 else 0 end)
            as advanced_within_{{ days }}d_count,
        {% endfor %}
        count(*) as entered_count
    from entries
    group by {{ cohort }}
),

stage_advances_monthly as (
    select
        brand,
        entry_month,
        stage,
        acquisition_channel,
        country_code,
        segment,
        {% for days in horizons %}
        cast(eligible_{{ days }}d_count as bigint) as eligible_{{ days }}d_count,
        cast(advanced_within_{{ days }}d_count as bigint) as advanced_within_{{ days }}d_count,
        {{ ratio_of('advanced_within_' ~ days ~ 'd_count', 'eligible_' ~ days ~ 'd_count') }}
            as advanced_within_{{ days }}d_rate,
        eligible_{{ days }}d_count = entered_count as is_mature_{{ days }}d,
        {% endfor %}
        cast(entered_count as bigint) as entered_count
    from counts
)

select * from stage_advances_monthly
