-- One row per brand and month, from the first in which a customer becomes active to the month of the as-of date.
with

as_of as (
    select as_of_date from {{ ref('stg_calendar__as_of_date') }}
),

first_months as (
    select brand, {{ period_start('month', 'min(active_from)') }} as first_month
    from {{ ref('int_customer_active_periods') }}
    group by brand
),

numbers as (
    select
        first_months.brand,
        first_months.first_month,
        as_of.as_of_date,
        {{ unnest_integers('0', periods_between('month', 'first_months.first_month', 'as_of.as_of_date') ~ ' + 1') }}
            as month_number
    from first_months
    cross join as_of
    {{ join_integers('0', periods_between('month', 'first_months.first_month', 'as_of.as_of_date') ~ ' + 1') }}
),

int_brand_months as (
    select
        brand,
        {{ add_months('first_month', 'month_number') }} as month_date,
        {{ add_months('first_month', 'month_number + 1') }} <= {{ add_days('as_of_date', 1) }} as is_mature
    from numbers
)

select * from int_brand_months
