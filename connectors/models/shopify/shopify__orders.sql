-- One row per order. Discounts include those of lines and of shipping; shipping is what was paid for it, without its tax,
-- and a tip is no revenue, as tax is none.
{{ config(enabled=fills('shopify', 'orders')) }}

with

orders as (
    {{ vendor_rows('shopify', 'orders') }}
),

order_lines as (
    {{ vendor_rows('shopify', 'order_lines') }}
),

shipping as (
    select * from {{ ref('customer_lifecycle_connectors', 'shopify__shipping') }}
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

shipped_orders as (
    select
        orders.*,
        line_totals.line_total,
        coalesce(
            shipping.price,
            {{ '0' if is_loaded('shopify', 'shipping_lines') else 'orders.total_shipping' }}
        ) as shipping_price,
        -- where its tax is not loaded, shipping has the share of tax that the order has
        case
            when orders.taxes_included
            then coalesce(
                shipping.tax,
                {% if is_loaded('shopify', 'shipping_taxes') %}0{% else -%}
                coalesce(shipping.price, orders.total_shipping) * orders.total_tax
                / nullif(orders.total_price - coalesce(orders.total_tip, 0), 0)
                {%- endif %}
            )
        end as shipping_tax
    from orders
    left join line_totals on orders.brand = line_totals.brand and orders.id = line_totals.order_id
    left join shipping on orders.brand = shipping.brand and orders.id = shipping.order_id
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
        coalesce(orders.total_line_items_price, orders.line_total) as subtotal_amount,
        orders.total_discounts as discount_amount,
        cast(orders.shipping_price - coalesce(orders.shipping_tax, 0) as {{ sql_type('amount') }}) as shipping_amount,
        cast(orders.total_tax + coalesce(orders.total_tip, 0) as {{ sql_type('amount') }}) as tax_amount,
        orders.total_price as total_amount,
        orders.cancelled_at,
        {{ vendor_id('shopify', 'orders.cart_token') }} as cart_id,
        coalesce(orders.discount_code, first_codes.code) as discount_code,
        orders.source_name as sales_channel,
        orders.test as is_test,
        orders.updated_at,
        orders.loaded_at,
        orders.deleted_at
    from shipped_orders as orders
    left join first_codes on orders.brand = first_codes.brand and orders.id = first_codes.order_id
)

select * from shopify__orders
