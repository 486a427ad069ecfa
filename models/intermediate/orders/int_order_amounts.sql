-- One row per order that counts or once counted: what it has brought and cost by the as-of date, in the reporting currency.
-- A partial refund leaves the costs as they are; an order that is cancelled, refunded in full or deleted costs nothing.
with

entries as (
    select * from {{ ref('customer_lifecycle', 'int_revenue_entries') }}
    where order_id is not null
),

int_order_amounts as (
    select
        brand,
        order_id,
        customer_key,
        ordered_date,
        sum(standing_change) = 1 as is_valid,
        cast(sum(revenue_amount) as decimal(18, 2)) as revenue_amount,
        cast(sum(refunded_revenue_amount) as decimal(18, 2)) as refunded_revenue_amount,
        cast(sum(net_revenue_amount) as decimal(18, 2)) as net_revenue_amount,
        cast(sum(discount_amount) as decimal(18, 2)) as discount_amount,
        cast(sum(unit_cost_amount) as decimal(18, 2)) as unit_cost_amount,
        cast(sum(margin_amount) as decimal(18, 2)) as margin_amount
    from entries
    group by brand, order_id, customer_key, ordered_date
)

select * from int_order_amounts
