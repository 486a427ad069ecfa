-- What customers have bought is what the orders come to, except orders of no customer: nothing is counted for a
-- merged customer and its canonical customer both. A customer whose every order was cancelled at once has no stage, and
-- so no row; these orders must be worth nothing.
with

customers_with_a_stage as (
    select distinct customer_key from {{ ref('customer_lifecycle', 'int_customer_stage_periods') }}
),

amounts as (
    select
        revenue_amount,
        refunded_revenue_amount,
        net_revenue_amount,
        order_count
    from {{ ref('customer_lifecycle', 'lifecycle_customers') }}

    union all

    select
        case when customers.customer_key is null then 0 else -orders.revenue_amount end as revenue_amount,
        case when customers.customer_key is null then 0 else -orders.refunded_revenue_amount end as refunded_revenue_amount,
        -orders.net_revenue_amount as net_revenue_amount,
        case when orders.is_valid then -1 else 0 end as order_count
    from {{ ref('customer_lifecycle', 'int_order_amounts') }} as orders
    left join customers_with_a_stage as customers on orders.customer_key = customers.customer_key
    where orders.customer_key is not null
)

select
    sum(revenue_amount) as revenue_amount,
    sum(net_revenue_amount) as net_revenue_amount,
    sum(order_count) as order_count
from amounts
having
    sum(revenue_amount) <> 0
    or sum(refunded_revenue_amount) <> 0
    or sum(net_revenue_amount) <> 0
    or sum(order_count) <> 0
