-- One row per day, stage and slice with customers in the stage at the day's beginning, or entering it that day. Heads are
-- counted by running sums of entries and exits, and only change points are expanded into days.
{% set grain = 'brand, stage, acquisition_channel, country_code, segment' %}
{% set days_until_next = days_between(
    'head_counts.date_day', 'coalesce(head_counts.next_date_day, ' ~ add_days('as_of.as_of_date', 1) ~ ')'
) %}
with

as_of as (
    select as_of_date from {{ ref('stg_calendar__as_of_date') }}
),

transitions as (
    select * from {{ ref('stage_transitions_daily') }}
),

movements as (
    select
        brand,
        to_stage as stage,
        acquisition_channel,
        country_code,
        segment,
        date_day,
        transition_count as entered_count,
        0 as exited_count
    from transitions
    where to_stage <> 'merged'

    union all

    select
        brand,
        from_stage,
        acquisition_channel,
        country_code,
        segment,
        date_day,
        0 as entered_count,
        transition_count as exited_count
    from transitions
    where from_stage <> 'new'
),

change_points as (
    select {{ grain }}, date_day, sum(entered_count) as entered_count, sum(exited_count) as exited_count
    from movements
    group by {{ grain }}, date_day
),

head_counts as (
    select
        *,
        sum(entered_count - exited_count) over (partition by {{ grain }} order by date_day) as closing_count,
        lead(date_day) over (partition by {{ grain }} order by date_day) as next_date_day
    from change_points
),

days as (
    select
        head_counts.*,
        {{ unnest_integers('0', days_until_next) }} as days_since_change
    from head_counts
    cross join as_of
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
