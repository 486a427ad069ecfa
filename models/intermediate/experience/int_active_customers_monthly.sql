-- One row per brand and month: how many customers were active on at least one of its days, up to the as-of date. Counted
-- from the months in which a run of active months begins and ends, never from customer-days.
with

as_of as (
    select as_of_date from {{ ref('stg_calendar__as_of_date') }}
),

period_months as (
    select
        periods.brand,
        periods.customer_key,
        periods.active_from,
        {{ period_start('month', 'periods.active_from') }} as first_month,
        {{ period_start('month', 'least(' ~ add_days('periods.active_to', -1) ~ ', as_of.as_of_date)') }} as last_month
    from {{ ref('int_customer_active_periods') }} as periods
    cross join as_of
),

runs as (
    select
        *,
        lag(last_month) over (partition by brand, customer_key order by active_from) as previous_last_month
    from period_months
),

changes as (
    -- whoever leaves and comes back within a month is active in it once
    select
        brand,
        case when previous_last_month = first_month then {{ add_months('first_month', 1) }} else first_month end
            as month_date,
        1 as active_change
    from runs

    union all

    select
        brand,
        {{ add_months('last_month', 1) }} as month_date,
        -1 as active_change
    from runs
),

monthly_changes as (
    select
        brand,
        month_date,
        sum(active_change) as active_change
    from changes
    group by brand, month_date
),

int_active_customers_monthly as (
    select
        months.brand,
        months.month_date,
        cast(sum(coalesce(changes.active_change, 0)) over (partition by months.brand order by months.month_date) as bigint)
            as active_customer_count
    from {{ ref('int_brand_months') }} as months
    left join monthly_changes as changes on months.brand = changes.brand and months.month_date = changes.month_date
)

select * from int_active_customers_monthly
