-- One row per month: how many customers were active on at least one of its days, which is what tickets and invitations are
-- measured against.
with

as_of as (
    select as_of_date from {{ ref('stg_calendar__as_of_date') }}
),

active_customers as (
    select * from {{ ref('int_active_customers_monthly') }}
),

active_customers_monthly as (
    select
        active_customers.brand,
        active_customers.month_date,
        cast(active_customers.active_customer_count as bigint) as active_customer_count,
        {{ add_months('active_customers.month_date', 1) }} <= {{ add_days('as_of.as_of_date', 1) }} as is_mature
    from active_customers
    cross join as_of
)

select * from active_customers_monthly
