-- What comes and goes day by day adds up, order by order, to what the order has come to by the as-of date.
with

entries as (
    select
        brand,
        order_id,
        sum(revenue_amount) as revenue_amount,
        sum(refunded_revenue_amount) as refunded_revenue_amount,
        sum(net_revenue_amount) as net_revenue_amount
    from {{ ref('customer_lifecycle', 'int_revenue_entries') }}
    where order_id is not null
    group by brand, order_id
)

select coalesce(entries.order_id, amounts.order_id) as order_id
from entries
full outer join {{ ref('customer_lifecycle', 'int_order_amounts') }} as amounts
    on entries.brand = amounts.brand and entries.order_id = amounts.order_id
where
    entries.order_id is null
    or amounts.order_id is null
    or entries.revenue_amount <> amounts.revenue_amount
    or entries.refunded_revenue_amount <> amounts.refunded_revenue_amount
    or entries.net_revenue_amount <> amounts.net_revenue_amount
