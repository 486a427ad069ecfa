-- One row per checkout that was begun; Shopify does not keep carts before.
{{ config(enabled=fills('shopify', 'carts')) }}

with

checkouts as (
    {{ vendor_rows('shopify', 'checkouts') }}
),

orders as (
    {{ vendor_rows('shopify', 'orders') }}
),

-- a cart has one order; should it have several, the first
ordered_carts as (
    select brand, cart_token, min(id) as order_id
    from orders
    where cart_token is not null
    group by brand, cart_token
),

shopify__carts as (
    select
        checkouts.brand,
        {{ vendor_id('shopify', 'coalesce(checkouts.cart_token, checkouts.id)') }} as cart_id,
        {{ vendor_id('shopify', 'checkouts.customer_id') }} as customer_id,
        checkouts.created_at,
        checkouts.updated_at,
        case when checkouts.completed_at is null then 'checkout' else 'confirmation' end as last_step,
        checkouts.total_line_items_price as value_amount,
        checkouts.currency,
        {{ vendor_id('shopify', 'ordered_carts.order_id') }} as order_id,
        checkouts.loaded_at,
        checkouts.deleted_at
    from checkouts
    left join ordered_carts on checkouts.brand = ordered_carts.brand and checkouts.cart_token = ordered_carts.cart_token
)

select * from shopify__carts
