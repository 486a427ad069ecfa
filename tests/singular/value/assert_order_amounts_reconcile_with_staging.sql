-- Identity 7: every order of staging that carries money stands in int_order_amounts once, with total less tax and
-- shipping at its rate; items, refunds and identities neither multiply nor lose any of it. Two ways around must find the
-- same cents.
with

staged_orders as (
    select
        brand,
        order_id,
        round(
            greatest(total_amount - coalesce(tax_amount, 0) - coalesce(shipping_amount, 0), 0) * reporting_rate, 2
        ) as revenue_amount
    from {{ ref('stg_shop__orders') }}
    where
        status_effect = 'purchase'
        or (status_effect = 'reversed' and (cancelled_date is not null or updated_date is not null))
),

differences as (
    select coalesce(staged_orders.order_id, amounts.order_id) as order_id
    from staged_orders
    full outer join {{ ref('int_order_amounts') }} as amounts
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
