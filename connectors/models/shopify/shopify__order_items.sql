-- One row per line of an order.
{{ config(enabled=fills('shopify', 'order_items')) }}

with

order_lines as (
    {{ vendor_rows('shopify', 'order_lines') }}
),

shopify__order_items as (
    select
        brand,
        {{ vendor_id('shopify', 'id') }} as order_item_id,
        {{ vendor_id('shopify', 'order_id') }} as order_id,
        {{ vendor_id('shopify', option('shopify', 'products_by') ~ '_id') }} as product_id,
        quantity,
        coalesce(price, cast(line_total / nullif(quantity, 0) as {{ sql_type('amount') }})) as unit_price,
        total_discount as discount_amount,
        gift_card as is_gift_card,
        loaded_at,
        deleted_at
    from order_lines
)

select * from shopify__order_items
