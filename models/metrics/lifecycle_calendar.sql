-- One row per day from the first known date of any raw fact to the as-of date: the time spine of the semantic layer.
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

first_dates as (
    select min(event_date) as first_date from {{ ref('customer_lifecycle', 'int_customer_events') }}
    union all
    select min(date_day) from {{ ref('customer_lifecycle', 'stg_marketing__ad_performance') }}
    union all
    select min(date_day) from {{ ref('customer_lifecycle', 'stg_marketing__social_daily') }}
    union all
    select min(date_day) from {{ ref('customer_lifecycle', 'stg_marketing__podcast_daily') }}
),

spans as (
    select as_of.as_of_date, min(first_dates.first_date) as first_date
    from first_dates
    cross join as_of
    group by as_of.as_of_date
),

numbers as (
    select
        as_of_date,
        first_date,
        {{ unnest_integers('0', days_between('first_date', 'as_of_date') ~ ' + 1') }} as day_number
    from spans
    {{ join_integers('0', days_between('first_date', 'as_of_date') ~ ' + 1') }}
),

days as (
    select
        as_of_date,
        {{ add_days('first_date', 'day_number') }} as date_day
    from numbers
),

lifecycle_calendar as (
    select
        date_day,
        {{ period_start('week', 'date_day') }} as week_date,
        {{ period_start('month', 'date_day') }} as month_date,
        {{ add_days('date_day', 1) }} = {{ period_start('week', add_days('date_day', 1)) }} or date_day = as_of_date
            as is_week_end,
        {{ add_days('date_day', 1) }} = {{ period_start('month', add_days('date_day', 1)) }} or date_day = as_of_date
            as is_month_end
    from days
)

select * from lifecycle_calendar
