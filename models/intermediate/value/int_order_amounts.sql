-- One row per order that counts or once counted, with what it has come to by the as-of date, in the reporting currency.
with

orders as (
    select * from {{ ref('int_order_revenues') }}
),

taken_back as (
    select
        brand,
        order_id,
        sum(refunded_revenue_amount) as refunded_revenue_amount,
        max(case when is_latest and is_reversed then 1 else 0 end) = 1 as is_reversed
    from {{ ref('int_order_takebacks') }}
    group by brand, order_id
),

int_order_amounts as (
    select
        orders.brand,
        orders.order_id,
        orders.customer_key,
        orders.ordered_date,
        not coalesce(taken_back.is_reversed, false) as is_valid,
        orders.revenue_amount,
        cast(coalesce(taken_back.refunded_revenue_amount, 0) as decimal(18, 2)) as refunded_revenue_amount,
        cast(orders.revenue_amount - coalesce(taken_back.refunded_revenue_amount, 0) as decimal(18, 2))
            as net_revenue_amount,
        orders.discount_amount
    from orders
    left join taken_back on orders.brand = taken_back.brand and orders.order_id = taken_back.order_id
)

select * from int_order_amounts
