-- One row per order and date on which its revenue or costs come or are reversed, in the reporting currency; with the setting
-- subscription_revenue 'accrued' also one row per paid subscription and month started, whose costs are unknown.
with

identity_map as (
    select * from {{ ref('customer_lifecycle', 'int_identity_map') }}
    where valid_to = {{ end_of_time() }}
),

entries as (
    select
        orders.brand,
        'orders' as source_table,
        orders.order_id as source_row,
        orders.order_id,
        identity_map.customer_key,
        orders.ordered_date,
        orders.entry_date,
        orders.standing_change,
        orders.revenue_amount,
        orders.refunded_revenue_amount,
        orders.discount_amount,
        orders.standing_change * costs.ordered_cost_amount as unit_cost_amount
    from {{ ref('customer_lifecycle', 'int_order_entries') }} as orders
    {{ join_shared_ids('orders', 'ordered_date') }}
    left join identity_map on orders.person_id = identity_map.person_id and shared_ids.person_id is null
    left join {{ ref('customer_lifecycle', 'int_order_unit_costs') }} as costs
        on orders.brand = costs.brand and orders.order_id = costs.order_id

    union all

    select
        brand,
        'subscriptions' as source_table,
        subscription_id as source_row,
        cast(null as {{ text_type() }}) as order_id,
        customer_key,
        entry_date as ordered_date,
        entry_date,
        0 as standing_change,
        revenue_amount,
        0 as refunded_revenue_amount,
        0 as discount_amount,
        null as unit_cost_amount
    from {{ ref('customer_lifecycle', 'int_subscription_accruals') }}
    where {{ 'true' if setting('subscription_revenue') == 'accrued' else 'false' }}
),

int_revenue_entries as (
    select
        brand,
        source_table,
        source_row,
        order_id,
        customer_key,
        ordered_date,
        entry_date,
        standing_change,
        cast(revenue_amount as decimal(18, 2)) as revenue_amount,
        cast(refunded_revenue_amount as decimal(18, 2)) as refunded_revenue_amount,
        cast(revenue_amount - refunded_revenue_amount as decimal(18, 2)) as net_revenue_amount,
        cast(discount_amount as decimal(18, 2)) as discount_amount,
        cast(unit_cost_amount as decimal(18, 2)) as unit_cost_amount,
        cast(revenue_amount - refunded_revenue_amount - unit_cost_amount as decimal(18, 2)) as margin_amount
    from entries
)

select * from int_revenue_entries
