-- One row per order. Discounts include those of lines and of shipping; shipping is what was paid for it.
{{ config(enabled=fills('shopify', 'orders')) }}

with

orders as (
    {{ vendor_rows('shopify', 'orders') }}
),

order_lines as (
    {{ vendor_rows('shopify', 'order_lines') }}
),

shipping_lines as (
    {{ vendor_rows('shopify', 'shipping_lines') }}
),

discount_codes as (
    {{ vendor_rows('shopify', 'discount_codes') }}
),

line_totals as (
    select
        brand, order_id,
        cast(sum(coalesce(line_total, price * quantity)) as {{ sql_type('amount') }}) as line_total
    from order_lines
    where deleted_at is null
    group by brand, order_id
),

shipping_totals as (
    select
        brand, order_id, cast(sum(coalesce(discounted_price, price)) as {{ sql_type('amount') }}) as shipping_amount
    from shipping_lines
    where deleted_at is null and coalesce(is_removed, false) = false
    group by brand, order_id
),

first_codes as (
    select brand, order_id, min(code) as code
    from discount_codes
    where position = 0
    group by brand, order_id
),

shopify__orders as (
    select
        orders.brand,
        {{ vendor_id('shopify', 'orders.id') }} as order_id,
        {{ vendor_id('shopify', 'orders.customer_id') }} as customer_id,
        orders.email,
        -- an imported order has the day on which it was placed in processed_at alone
        coalesce(orders.processed_at, orders.created_at) as ordered_at,
        lower(orders.financial_status) as status,
        orders.currency,
        -- GraphQL gives no sum before discounts, but that of the lines
        coalesce(orders.total_line_items_price, line_totals.line_total) as subtotal_amount,
        orders.total_discounts as discount_amount,
        coalesce(
            shipping_totals.shipping_amount,
            {{ '0' if is_loaded('shopify', 'shipping_lines') else 'orders.total_shipping' }}
        ) as shipping_amount,
        orders.total_tax as tax_amount,
        orders.total_price as total_amount,
        orders.cancelled_at,
        {{ vendor_id('shopify', 'orders.cart_token') }} as cart_id,
        coalesce(orders.discount_code, first_codes.code) as discount_code,
        orders.source_name as sales_channel,
        orders.test as is_test,
        orders.updated_at,
        orders.loaded_at,
        orders.deleted_at
    from orders
    left join line_totals on orders.brand = line_totals.brand and orders.id = line_totals.order_id
    left join shipping_totals on orders.brand = shipping_totals.brand and orders.id = shipping_totals.order_id
    left join first_codes on orders.brand = first_codes.brand and orders.id = first_codes.order_id
)

select * from shopify__orders
