-- Whatever is valid is sold once, to somebody or to nobody: orders and revenue of all months and slices add up to those of
-- the orders, to the cent.
with

sold as (
    select brand, sum(order_count) as order_count, sum(revenue_amount) as revenue_amount
    from {{ ref('order_metrics_monthly') }}
    group by brand
),

orders as (
    select brand, count(*) as order_count, sum(revenue_amount) as revenue_amount
    from {{ ref('int_order_amounts') }}
    where is_valid
    group by brand
)

select orders.brand, orders.order_count, orders.revenue_amount, sold.revenue_amount as sold_revenue_amount
from orders
left join sold on orders.brand = sold.brand
where
    orders.order_count <> coalesce(sold.order_count, 0)
    or orders.revenue_amount <> coalesce(sold.revenue_amount, 0)
