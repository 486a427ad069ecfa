-- One row per order item that can be used and is known by the as-of date.
with

rows_with_outcome as (
    {{ row_outcomes('order_items', order_outcomes=ref('customer_lifecycle', 'stg_shop__order_outcomes')) }}
),

stg_shop__order_items as (
    select
        -- ids
        brand,
        order_item_id,
        order_id,
        product_id,

        -- numbers
        quantity,
        unit_price,
        discount_amount,

        -- booleans
        is_gift_card,

        -- times
        loaded_at,
        deleted_at,
        deleted_date
    from rows_with_outcome
    where outcome = 'accepted'
)

select * from stg_shop__order_items
