-- What comes and goes day by day adds up, order by order, to what the order has come to by the as-of date.
with

movements as (
    select
        brand,
        order_id,
        sum(revenue_amount) as revenue_amount,
        sum(refunded_revenue_amount) as refunded_revenue_amount,
        sum(net_revenue_amount) as net_revenue_amount
    from {{ ref('int_revenue_movements') }}
    where order_id is not null
    group by brand, order_id
)

select coalesce(movements.order_id, amounts.order_id) as order_id
from movements
full outer join {{ ref('int_order_amounts') }} as amounts
    on movements.brand = amounts.brand and movements.order_id = amounts.order_id
where
    movements.order_id is null
    or amounts.order_id is null
    or movements.revenue_amount <> amounts.revenue_amount
    or movements.refunded_revenue_amount <> amounts.refunded_revenue_amount
    or movements.net_revenue_amount <> amounts.net_revenue_amount
