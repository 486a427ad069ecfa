-- One row per month, stage and dimensions with customers in the stage at the month's beginning, or entering it in the month.
-- This is stage_funnel_daily for tools that can only sum: its counts are already those of the whole month.
{% set grain = 'brand, stage, acquisition_channel, country_code, segment' %}
with

funnel as (
    select *, {{ period_start('month', 'date_day') }} as month_date
    from {{ ref('customer_lifecycle', 'stage_funnel_daily') }}
),

days as (
    select
        funnel.*,
        funnel.date_day = funnel.month_date as is_first_day,
        funnel.date_day = as_of.as_of_date
        or funnel.date_day = {{ add_days(add_months('funnel.month_date', 1), -1) }} as is_last_day,
        {{ add_days(add_months('funnel.month_date', 1), -1) }} <= as_of.as_of_date as is_mature
    from funnel
    cross join {{ ref('customer_lifecycle', 'as_of_date') }} as as_of
),

counts as (
    select
        {{ grain }},
        month_date,
        is_mature,
        sum(case when is_first_day then opening_count else 0 end) as opening_count,
        sum(entered_count) as entered_count,
        sum(exited_count) as exited_count,
        sum(case when is_last_day then closing_count else 0 end) as closing_count
    from days
    group by {{ grain }}, month_date, is_mature
),

win_backs as (
    select
        transitions.brand,
        transitions.from_stage as stage,
        transitions.acquisition_channel, transitions.country_code, transitions.segment,
        {{ period_start('month', 'transitions.date_day') }} as month_date,
        sum(transitions.transition_count) as won_back_count
    from {{ ref('customer_lifecycle', 'stage_transitions_daily') }} as transitions
    inner join {{ ref('customer_lifecycle', 'lifecycle_stages') }} as stages on transitions.to_stage = stages.stage
    where transitions.from_stage = 'churned' and stages.is_customer
    group by
        transitions.brand, transitions.from_stage, transitions.acquisition_channel, transitions.country_code,
        transitions.segment, {{ period_start('month', 'transitions.date_day') }}
),

stage_funnel_monthly as (
    select
        counts.brand,
        counts.month_date,
        counts.stage,
        counts.acquisition_channel,
        counts.country_code,
        counts.segment,
        cast(counts.opening_count as bigint) as opening_count,
        cast(counts.entered_count as bigint) as entered_count,
        cast(counts.exited_count as bigint) as exited_count,
        cast(counts.closing_count as bigint) as closing_count,
        cast(counts.opening_count + counts.entered_count as bigint) as stay_count,
        cast(case when counts.stage = 'churned' then coalesce(win_backs.won_back_count, 0) end as bigint) as won_back_count,
        case
            when counts.stage = 'churned' and counts.is_mature
                then {{ ratio_of('coalesce(win_backs.won_back_count, 0)', '(counts.opening_count + counts.entered_count)') }}
        end as reactivation_rate,
        counts.is_mature
    from counts
    left join win_backs
        on
            counts.brand = win_backs.brand
            and counts.month_date = win_backs.month_date
            and counts.stage = win_backs.stage
            and counts.acquisition_channel = win_backs.acquisition_channel
            and counts.country_code = win_backs.country_code
            and counts.segment = win_backs.segment
)

select * from stage_funnel_monthly
