-- One row per order id: what became of the order, which order items, refunds and affiliate sales share.
{{ config(materialized='table') }}

with

orders_judged as (
    {{ judged_rows('orders') }}
),

current_orders as (
    select
        brand,
        order_id,
        outcome,
        final_reason
    from orders_judged
    where outcome <> 'rejected'
),

other_orders as (
    select
        brand,
        order_id,
        min(case when final_reason in ('test_account', 'erased') then final_reason end) as final_reason
    from orders_judged
    where
        outcome = 'rejected'
        and order_id is not null
    group by brand, order_id
),

base_shop__order_outcomes as (
    select
        brand,
        order_id,
        outcome,
        final_reason
    from current_orders

    union all

    select
        other_orders.brand,
        other_orders.order_id,
        'rejected' as outcome,
        coalesce(other_orders.final_reason, 'orphan_reference') as final_reason
    from other_orders
    left join current_orders
        on
            other_orders.brand = current_orders.brand
            and other_orders.order_id = current_orders.order_id
    where current_orders.order_id is null
)

select * from base_shop__order_outcomes
