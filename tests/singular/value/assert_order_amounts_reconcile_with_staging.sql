-- Identity 7: every order of staging that carries money stands in int_order_amounts once, with total less tax and
-- shipping at its rate, and what gift cards do in it; items, refunds and identities neither multiply nor lose any of it.
-- Two ways around must find the same cents.
with

staged_orders as (
    select
        orders.brand,
        orders.order_id,
        round(
            greatest(
                orders.total_amount + coalesce(gift_cards.left_out_amount, 0) - coalesce(gift_cards.sold_amount, 0)
                - coalesce(orders.tax_amount, 0) - coalesce(orders.shipping_amount, 0),
                0
            ) * orders.reporting_rate,
            2
        ) as revenue_amount
    from {{ ref('customer_lifecycle', 'stg_shop__orders') }} as orders
    left join {{ ref('customer_lifecycle', 'int_order_gift_cards') }} as gift_cards
        on orders.brand = gift_cards.brand and orders.order_id = gift_cards.order_id
    where
        orders.status_effect = 'purchase'
        or (orders.status_effect = 'reversed' and (orders.cancelled_date is not null or orders.updated_date is not null))
),

differences as (
    select coalesce(staged_orders.order_id, amounts.order_id) as order_id
    from staged_orders
    full outer join {{ ref('customer_lifecycle', 'int_order_amounts') }} as amounts
        on staged_orders.brand = amounts.brand and staged_orders.order_id = amounts.order_id
    where
        -- a reversed order without a date carries money only when refunds have reached its total
        (
            amounts.order_id is null
            or staged_orders.order_id is null
            or staged_orders.revenue_amount <> amounts.revenue_amount
        )
        and not (staged_orders.order_id is null and amounts.net_revenue_amount = 0 and not amounts.is_valid)
)

select * from differences
