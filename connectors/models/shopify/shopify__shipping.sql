-- One row per order with shipping: what was paid for it, and its tax, which is a part of that where prices have their tax
-- in them.
{{ config(enabled=fills('shopify', 'orders')) }}

with

shipping_lines as (
    {{ vendor_rows('shopify', 'shipping_lines') }}
),

shipping_taxes as (
    {{ vendor_rows('shopify', 'shipping_taxes') }}
),

lines_there as (
    select brand, id, order_id, coalesce(discounted_price, price) as price
    from shipping_lines
    where deleted_at is null and coalesce(is_removed, false) = false
),

prices as (
    select brand, order_id, sum(price) as price
    from lines_there
    group by brand, order_id
),

-- a loader says of a tax of which line it is, or of which order
taxes as (
    select
        shipping_taxes.brand, coalesce(shipping_taxes.order_id, lines_there.order_id) as order_id,
        sum(shipping_taxes.price) as tax
    from shipping_taxes
    left join lines_there on shipping_taxes.brand = lines_there.brand and shipping_taxes.shipping_line_id = lines_there.id
    where shipping_taxes.deleted_at is null
    group by 1, 2
),

shopify__shipping as (
    select
        prices.brand,
        prices.order_id,
        cast(prices.price as {{ sql_type('amount') }}) as price,
        cast(taxes.tax as {{ sql_type('amount') }}) as tax
    from prices
    left join taxes on prices.brand = taxes.brand and prices.order_id = taxes.order_id
)

select * from shopify__shipping
