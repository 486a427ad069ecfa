-- One row per brand and month, from that of the first purchase to that of the as-of date: how many customers were active on
-- at least one of its days. Counted from the months in which a run of active months begins and ends, not from customer-days.
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

period_months as (
    select
        periods.brand,
        periods.customer_key,
        periods.active_from,
        {{ period_start('month', 'periods.active_from') }} as first_month,
        {{ period_start('month', 'least(' ~ add_days('periods.active_to', -1) ~ ', as_of.as_of_date)') }} as last_month
    from {{ ref('customer_lifecycle', 'int_customer_active_periods') }} as periods
    cross join as_of
),

runs as (
    select
        *,
        lag(last_month) over (partition by brand, customer_key order by active_from) as previous_last_month
    from period_months
),

changes as (
    -- a customer who leaves and comes back within a month is active in it once
    select
        brand,
        case when previous_last_month = first_month then {{ add_months('first_month', 1) }} else first_month end
            as month_date,
        1 as active_change
    from runs

    union all

    select brand, {{ add_months('last_month', 1) }}, -1 from runs
),

monthly_changes as (
    select brand, month_date, sum(active_change) as active_change from changes
    group by brand, month_date
),

first_months as (
    -- who bought first may have been linked to a test account since, and have no active period any more
    select brand, {{ period_start('month', 'min(valid_from)') }} as first_month
    from {{ ref('customer_lifecycle', 'int_purchases') }}
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

months as (
    select
        brand,
        {{ add_months('first_month', 'month_number') }} as month_date,
        {{ add_months('first_month', 'month_number + 1') }} <= {{ add_days('as_of_date', 1) }} as is_mature
    from numbers
),

int_active_customers_monthly as (
    select
        months.brand,
        months.month_date,
        cast(sum(coalesce(changes.active_change, 0)) over (partition by months.brand order by months.month_date) as bigint)
            as active_customer_count,
        months.is_mature
    from months
    left join monthly_changes as changes on months.brand = changes.brand and months.month_date = changes.month_date
)

select * from int_active_customers_monthly
