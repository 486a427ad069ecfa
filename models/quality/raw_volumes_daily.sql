-- One row per raw table and day, of the last eight weeks: how many rows came, and how many are usual on that weekday. Eight
-- numbers show the middle, but not how far from it is usual. The usual distance is therefore taken from all weekdays of the
-- table, on the scale of the square root: there counts by chance spread equally, whether large or small.
{{ config(post_hook="{{ warn_of_raw_volumes() }}") }}
{% set weeks, least_weeks, deviations = 8, 4, 4 %}
{% set last_week = 'over (partition by volumes.entity order by volumes.date_day rows between 6 preceding and current row)' %}
with

volumes as (
    select * from {{ ref('customer_lifecycle', 'int_raw_rows_daily') }}
),

middles as (
    select
        volumes.entity, volumes.date_day, count(earlier.row_count) as compared_day_count,
        {{ percentile_of('earlier.row_count', 0.5) }} as usual_count
    from volumes
    left join volumes as earlier
        on
            volumes.entity = earlier.entity and volumes.date_day > earlier.date_day
            and {{ days_between('earlier.date_day', 'volumes.date_day') }} <= {{ 7 * weeks }}
            and mod({{ days_between('earlier.date_day', 'volumes.date_day') }}, 7) = 0
    group by volumes.entity, volumes.date_day
),

compared as (
    select
        volumes.*, middles.compared_day_count, middles.usual_count,
        sum(volumes.row_count) {{ last_week }} as week_row_count,
        sum(middles.usual_count) {{ last_week }} as week_usual_count
    from volumes
    inner join middles on volumes.entity = middles.entity and volumes.date_day = middles.date_day
),

spreads as (
    -- 1.4826 median absolute deviations are a standard deviation
    select
        entity, max(usual_count) > 0 as is_regular,
        {{ deviations }} * 1.4826 * {{ percentile_of('abs(sqrt(row_count) - sqrt(usual_count))', 0.5) }} as margin
    from compared
    where compared_day_count >= {{ least_weeks }}
    group by entity
),

bands as (
    -- a quarter more or less, or four rows, is no reason to warn, however steady a table has been
    select
        compared.*, spreads.is_regular,
        greatest(0, least(
            power(greatest(0, sqrt(compared.usual_count) - spreads.margin), 2),
            0.75 * compared.usual_count, compared.usual_count - 4
        )) as lower_count,
        greatest(
            power(sqrt(compared.usual_count) + spreads.margin, 2), 1.25 * compared.usual_count, compared.usual_count + 4
        ) as upper_count
    from compared
    left join spreads on compared.entity = spreads.entity
),

raw_volumes_daily as (
    select
        entity, date_day, measured_by, row_count, compared_day_count,
        cast(usual_count as {{ double_type() }}) as usual_count,
        case when compared_day_count >= {{ least_weeks }} then cast(ceil(lower_count) as bigint) end as lower_count,
        case when compared_day_count >= {{ least_weeks }} then cast(floor(upper_count) as bigint) end as upper_count,
        case
            when compared_day_count < {{ least_weeks }} then 'not_yet_judged'
            when not is_regular then 'irregular'
            -- a day without a row means something where there should be many, a week without one where there should be some
            when row_count = 0 and (lower_count >= 1 or (week_row_count = 0 and week_usual_count >= 7)) then 'silent'
            when row_count < lower_count and row_count > 0 then 'low'
            when row_count > upper_count then 'high'
            else 'as_usual'
        end as volume_status
    from bands
    where date_day > {{ add_days('last_date', -7 * weeks) }}
)

select * from raw_volumes_daily
