-- What customers have bought is what the orders come to, except orders of no customer: nothing is counted for an
-- merged customer and its canonical customer both.
with

amounts as (
    select
        revenue_amount,
        refunded_revenue_amount,
        net_revenue_amount,
        order_count
    from {{ ref('customer_lifecycle', 'lifecycle_customers') }}

    union all

    select
        -revenue_amount as revenue_amount,
        -refunded_revenue_amount as refunded_revenue_amount,
        -net_revenue_amount as net_revenue_amount,
        case when is_valid then -1 else 0 end as order_count
    from {{ ref('customer_lifecycle', 'int_order_amounts') }}
    where customer_key is not null
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
