-- One row per order item that can be used and is known by the as-of date.
with

rows_judged as (
    {{ judged_rows('order_items') }}
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

        -- times
        loaded_at,
        deleted_at,
        deleted_date
    from rows_judged
    where outcome = 'accepted'
)

select * from stg_shop__order_items
