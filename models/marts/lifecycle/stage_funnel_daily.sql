-- One row per day, stage and dimensions with customers in the stage at the day's beginning, or entering it that day.
-- Counted by running sums of entries and exits; only the days on which a count changes are expanded.
{% set grain = 'brand, stage, acquisition_channel, country_code, segment' %}
{% set days_until_next = days_between(
    'headcounts.date_day', 'coalesce(headcounts.next_date_day, ' ~ add_days('as_of.as_of_date', 1) ~ ')'
) %}
with

transitions as (
    select * from {{ ref('customer_lifecycle', 'stage_transitions_daily') }}
),

entries as (
    select
        brand,
        to_stage as stage,
        acquisition_channel, country_code, segment, date_day,
        transition_count as entered_count,
        0 as exited_count
    from transitions
    where to_stage <> 'merged'

    union all

    select
        brand, from_stage, acquisition_channel, country_code, segment, date_day,
        0 as entered_count,
        transition_count as exited_count
    from transitions
    where from_stage <> 'new'
),

change_points as (
    select {{ grain }}, date_day, sum(entered_count) as entered_count, sum(exited_count) as exited_count
    from entries
    group by {{ grain }}, date_day
),

headcounts as (
    select
        *,
        sum(entered_count - exited_count) over (partition by {{ grain }} order by date_day) as closing_count,
        lead(date_day) over (partition by {{ grain }} order by date_day) as next_date_day
    from change_points
),

days as (
    select
        headcounts.*,
        {{ unnest_integers('0', days_until_next) }} as days_since_change
    from headcounts
    cross join {{ ref('customer_lifecycle', 'as_of_date') }} as as_of
    {{ join_integers('0', days_until_next) }}
),

counts as (
    select
        {{ grain }},
        {{ add_days('date_day', 'days_since_change') }} as date_day,
        case when days_since_change = 0 then closing_count - entered_count + exited_count else closing_count end
            as opening_count,
        case when days_since_change = 0 then entered_count else 0 end as entered_count,
        case when days_since_change = 0 then exited_count else 0 end as exited_count,
        closing_count
    from days
),

stage_funnel_daily as (
    select
        brand,
        date_day,
        stage,
        acquisition_channel,
        country_code,
        segment,
        cast(opening_count as bigint) as opening_count,
        cast(entered_count as bigint) as entered_count,
        cast(exited_count as bigint) as exited_count,
        cast(closing_count as bigint) as closing_count
    from counts
    where opening_count > 0 or entered_count > 0
)

select * from stage_funnel_daily
