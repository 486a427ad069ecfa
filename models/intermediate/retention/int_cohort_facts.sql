-- One row per fact by which the cohorts of first purchase are measured: a purchase date, a customer who becomes or ceases
-- to be active, or revenue that comes or is taken back; each with the customer's first purchase date.
{{ config(materialized='view') }}
with

as_of as (
    select as_of_date from {{ ref('stg_calendar__as_of_date') }}
),

purchases as (
    select * from {{ ref('int_customer_purchase_history') }}
),

cohort_customers as (
    select
        brand,
        customer_key,
        first_purchase_date
    from purchases
    where purchase_date = first_purchase_date
),

active_periods as (
    select
        cohorts.brand,
        cohorts.first_purchase_date,
        periods.active_from,
        periods.active_to
    from {{ ref('int_customer_active_periods') }} as periods
    inner join cohort_customers as cohorts on periods.customer_key = cohorts.customer_key
    where periods.active_to > cohorts.first_purchase_date
),

int_cohort_facts as (
    select
        brand,
        first_purchase_date,
        purchase_date as fact_date,
        coalesce(previous_purchase_date, {{ beginning_of_time() }}) as previous_purchase_date,
        1 as purchase_count,
        case when next_purchase_date is null then 1 else 0 end as last_purchase_count,
        0 as active_change,
        0 as net_revenue_amount
    from purchases

    union all

    select
        brand,
        first_purchase_date,
        greatest(active_from, first_purchase_date) as fact_date,
        {{ beginning_of_time() }} as previous_purchase_date,
        0 as purchase_count,
        0 as last_purchase_count,
        1 as active_change,
        0 as net_revenue_amount
    from active_periods

    union all

    select
        periods.brand,
        periods.first_purchase_date,
        periods.active_to as fact_date,
        {{ beginning_of_time() }} as previous_purchase_date,
        0 as purchase_count,
        0 as last_purchase_count,
        -1 as active_change,
        0 as net_revenue_amount
    from active_periods as periods
    cross join as_of
    where periods.active_to <= as_of.as_of_date

    union all

    -- an order before the first purchase that counts has come to nothing, whenever that was
    select
        cohorts.brand,
        cohorts.first_purchase_date,
        movements.movement_date as fact_date,
        {{ beginning_of_time() }} as previous_purchase_date,
        0 as purchase_count,
        0 as last_purchase_count,
        0 as active_change,
        movements.net_revenue_amount
    from {{ ref('int_revenue_movements') }} as movements
    inner join cohort_customers as cohorts on movements.customer_key = cohorts.customer_key
    where movements.ordered_date >= cohorts.first_purchase_date
)

select * from int_cohort_facts
