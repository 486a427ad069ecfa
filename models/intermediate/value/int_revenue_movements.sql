-- One row per order and date on which its revenue comes or is taken back, in the reporting currency; with the setting
-- subscription_revenue 'accrued' also one row per paid subscription and month started, whose order_id is null.
with

takebacks as (
    select * from {{ ref('int_order_takebacks') }}
),

orders as (
    select * from {{ ref('int_order_revenues') }}
),

order_movements as (
    select
        orders.brand,
        orders.order_id,
        orders.customer_key,
        orders.ordered_date,
        orders.ordered_date as movement_date,
        orders.revenue_amount,
        coalesce(takebacks.refunded_revenue_amount, 0) as refunded_revenue_amount
    from orders
    left join takebacks
        on
            orders.brand = takebacks.brand
            and orders.order_id = takebacks.order_id
            and orders.ordered_date = takebacks.movement_date

    union all

    select
        takebacks.brand,
        takebacks.order_id,
        takebacks.customer_key,
        orders.ordered_date,
        takebacks.movement_date,
        0 as revenue_amount,
        takebacks.refunded_revenue_amount
    from takebacks
    inner join orders
        on
            takebacks.brand = orders.brand
            and takebacks.order_id = orders.order_id
            and takebacks.movement_date > orders.ordered_date
),

movements as (
    select
        'orders' as source_table,
        order_id as source_row,
        *
    from order_movements

    union all

    select
        'subscriptions' as source_table,
        subscription_id as source_row,
        brand,
        cast(null as {{ text_type() }}) as order_id,
        customer_key,
        movement_date as ordered_date,
        movement_date,
        revenue_amount,
        0 as refunded_revenue_amount
    from {{ ref('int_subscription_accruals') }}
    where {{ 'true' if setting('subscription_revenue') == 'accrued' else 'false' }}
),

int_revenue_movements as (
    select
        brand,
        source_table,
        source_row,
        order_id,
        customer_key,
        ordered_date,
        movement_date,
        cast(revenue_amount as decimal(18, 2)) as revenue_amount,
        cast(refunded_revenue_amount as decimal(18, 2)) as refunded_revenue_amount,
        cast(revenue_amount - refunded_revenue_amount as decimal(18, 2)) as net_revenue_amount
    from movements
)

select * from int_revenue_movements
