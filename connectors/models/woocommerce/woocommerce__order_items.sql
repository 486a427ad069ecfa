-- One row per line of an order. Coupons are spread over the lines: what a line costs less than its price is its
-- discount.
{{ config(enabled=fills('woocommerce', 'order_items')) }}

with

order_lines as (
    {{ vendor_rows('woocommerce', 'order_lines') }}
),

woocommerce__order_items as (
    select
        brand,
        {{ vendor_id('woocommerce', 'id') }} as order_item_id,
        {{ vendor_id('woocommerce', 'order_id') }} as order_id,
        -- 0 is a product that is gone
        {{ vendor_id('woocommerce', "nullif(product_id, '0')") }} as product_id,
        quantity,
        cast(subtotal / nullif(quantity, 0) as {{ sql_type('amount') }}) as unit_price,
        subtotal - total as discount_amount,
        loaded_at,
        deleted_at
    from order_lines
)

select * from woocommerce__order_items
