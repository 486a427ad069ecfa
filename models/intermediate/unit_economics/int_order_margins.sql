-- One row per order that counts or once counted: what it has brought and cost by the as-of date, in the reporting currency.
-- A partial refund leaves the costs as they are; an order that counts no longer costs nothing.
with

amounts as (
    select * from {{ ref('int_order_amounts') }}
),

costs as (
    select * from {{ ref('int_order_unit_costs') }}
),

orders as (
    select
        amounts.*,
        case when amounts.is_valid then costs.ordered_cost_amount else 0 * costs.ordered_cost_amount end as unit_cost_amount
    from amounts
    left join costs on amounts.brand = costs.brand and amounts.order_id = costs.order_id
),

int_order_margins as (
    select
        brand,
        order_id,
        customer_key,
        ordered_date,
        is_valid,
        revenue_amount,
        net_revenue_amount,
        cast(unit_cost_amount as decimal(18, 2)) as unit_cost_amount,
        cast(net_revenue_amount - unit_cost_amount as decimal(18, 2)) as margin_amount
    from orders
)

select * from int_order_margins
