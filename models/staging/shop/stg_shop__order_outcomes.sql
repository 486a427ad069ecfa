-- One row per order id: what became of the order, which order items, refunds and affiliate sales share.
{% set forgetting = [] -%}
{% for table in raw_tables() %}{% do forgetting.append("{{ forget_erased('" ~ table ~ "') }}") %}{% endfor -%}
{{ config(materialized='table', post_hook=forgetting) }}
{% for table in raw_tables() -%}
-- depends_on: {{ ref('customer_lifecycle', base_model(table)) }}
{% endfor -%}
-- depends_on: {{ ref('customer_lifecycle', 'int_erased_ids') }}

with

orders_with_outcome as (
    {{ row_outcomes('orders', excluded_ids=ref('customer_lifecycle', 'int_excluded_ids')) }}
),

current_orders as (
    select
        brand,
        order_id,
        outcome,
        final_reason,
        false as is_erased
    from orders_with_outcome
    where outcome <> 'rejected'
),

other_orders as (
    select
        brand,
        order_id,
        min(case when final_reason in ('test_account', 'erased') then final_reason end) as final_reason,
        max(case when is_erased then 1 else 0 end) = 1 as is_erased
    from orders_with_outcome
    where
        outcome = 'rejected'
        and order_id is not null
    group by brand, order_id
),

stg_shop__order_outcomes as (
    select
        brand,
        order_id,
        outcome,
        final_reason,
        is_erased
    from current_orders

    union all

    select
        other_orders.brand,
        other_orders.order_id,
        'rejected' as outcome,
        coalesce(other_orders.final_reason, 'orphan_reference') as final_reason,
        other_orders.is_erased
    from other_orders
    left join current_orders
        on
            other_orders.brand = current_orders.brand
            and other_orders.order_id = current_orders.order_id
    where current_orders.order_id is null
)

select * from stg_shop__order_outcomes
