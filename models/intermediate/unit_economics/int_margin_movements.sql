-- One row per order and date on which its revenue or costs come or are taken back, in the reporting currency; with the
-- setting subscription_revenue 'accrued' also one row per paid subscription and month started, whose costs are unknown.
with

revenue_movements as (
    select * from {{ ref('int_revenue_movements') }}
),

standings as (
    select
        brand,
        order_id,
        movement_date,
        case when is_reversed then 0 else 1 end as standing,
        lag(case when is_reversed then 0 else 1 end) over (partition by brand, order_id order by movement_date)
            as standing_before
    from {{ ref('int_order_takebacks') }}
),

costs as (
    select * from {{ ref('int_order_unit_costs') }}
),

movements as (
    -- an order stands from its date on, unless it is called off that very day
    select
        revenue_movements.*,
        case
            when revenue_movements.order_id is null then 0
            when standings.order_id is null then 1
            when revenue_movements.movement_date = revenue_movements.ordered_date then standings.standing
            else standings.standing - coalesce(standings.standing_before, 1)
        end as standing_change,
        costs.ordered_cost_amount
    from revenue_movements
    left join standings
        on
            revenue_movements.brand = standings.brand
            and revenue_movements.order_id = standings.order_id
            and revenue_movements.movement_date = standings.movement_date
    left join costs on revenue_movements.brand = costs.brand and revenue_movements.order_id = costs.order_id
),

int_margin_movements as (
    select
        brand,
        source_table,
        source_row,
        order_id,
        customer_key,
        ordered_date,
        movement_date,
        standing_change,
        revenue_amount,
        refunded_revenue_amount,
        net_revenue_amount,
        cast(standing_change * ordered_cost_amount as decimal(18, 2)) as unit_cost_amount,
        cast(net_revenue_amount - standing_change * ordered_cost_amount as decimal(18, 2)) as margin_amount
    from movements
)

select * from int_margin_movements
