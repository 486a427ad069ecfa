-- One row per month in which customers were first seen, stage and dimensions: how many of them reached it, and how soon.
{% set horizons = [30, 90, 365] %}
{% set cohort_by = ['brand', 'first_seen_month', 'acquisition_channel', 'country_code', 'segment'] %}
{% set cohort = cohort_by | join(', ') %}
with

entries as (
    select customer_key, stage, min(entered_date) as entered_date
    from {{ ref('customer_lifecycle', 'int_customer_journey_steps') }}
    group by customer_key, stage
),

first_entries as (
    select customer_key, min(entered_date) as first_seen_date from entries
    group by customer_key
),

customers as (
    select
        dimensions.*, first_entries.first_seen_date,
        {{ period_start('month', 'first_entries.first_seen_date') }} as first_seen_month,
        {{ days_between('first_entries.first_seen_date', 'as_of.as_of_date') }} as observed_days
    from first_entries
    inner join {{ ref('customer_lifecycle', 'int_customer_dimensions') }} as dimensions
        on first_entries.customer_key = dimensions.customer_key
    cross join {{ ref('customer_lifecycle', 'as_of_date') }} as as_of
),

cohorts as (
    select
        {{ cohort }},
        {% for days in horizons %}
        sum(case when observed_days >= {{ days }} then 1 else 0 end) as eligible_{{ days }}d_count,
        {% endfor %}
        count(*) as customer_count
    from customers
    group by {{ cohort }}
),

reaches as (
    select
        customers.*, entries.stage,
        {{ days_between('customers.first_seen_date', 'entries.entered_date') }} as days_to_reach
    from entries
    inner join customers on entries.customer_key = customers.customer_key
),

reached as (
    select
        {{ cohort }}, stage,
        {% for days in horizons %}
        sum(case when days_to_reach <= {{ days }} and observed_days >= {{ days }} then 1 else 0 end)
            as reached_within_{{ days }}d_count,
        {% endfor %}
        count(*) as reached_count, {{ percentile_of('days_to_reach', 0.5) }} as median_days_to_reach
    from reaches
    group by {{ cohort }}, stage
),

cohort_periods as (
    select
        cohorts.*, stages.stage,
        coalesce(reached.reached_count, 0) as reached_count,
        {% for days in horizons %}
        coalesce(reached.reached_within_{{ days }}d_count, 0) as reached_within_{{ days }}d_count,
        {% endfor %}
        reached.median_days_to_reach
    from cohorts
    cross join {{ ref('customer_lifecycle', 'lifecycle_stages') }} as stages
    left join reached
        on
            {% for name in cohort_by %}cohorts.{{ name }} = reached.{{ name }} and {% endfor %}stages.stage = reached.stage
),

stage_conversion_cohorts as (
    select
        brand, first_seen_month, stage, acquisition_channel, country_code, segment,
        cast(customer_count as bigint) as customer_count, cast(reached_count as bigint) as reached_count,
        {{ ratio_of('reached_count', 'customer_count') }} as reached_rate,
        {% for days in horizons %}
        {% set eligible, reached = 'eligible_' ~ days ~ 'd_count', 'reached_within_' ~ days ~ 'd_count' %}
        cast({{ eligible }} as bigint) as {{ eligible }}, cast({{ reached }} as bigint) as {{ reached }},
        {{ ratio_of(reached, eligible) }} as reached_within_{{ days }}d_rate,
        {{ eligible }} = customer_count as is_mature_{{ days }}d,
        {% endfor %}
        cast(median_days_to_reach as {{ double_type() }}) as median_days_to_reach
    from cohort_periods
)

select * from stage_conversion_cohorts
