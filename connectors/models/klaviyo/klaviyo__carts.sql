-- One row per checkout that was begun, where no shop brings its own. Orders in Klaviyo are copies and are not read: a cart
-- is met by what its customer orders.
{{ config(enabled=fills('klaviyo', 'carts')) }}

with

events as (
    select * from {{ ref('customer_lifecycle_connectors', 'klaviyo__events') }}
),

klaviyo__carts as (
    select
        brand,
        {{ vendor_id('klaviyo', 'coalesce(event_id, id)') }} as cart_id,
        {{ vendor_id('klaviyo', 'profile_id') }} as customer_id,
        occurred_at as created_at,
        'checkout' as last_step,
        value as value_amount,
        upper(currency) as currency,
        loaded_at,
        deleted_at
    from events
    where metric_name = 'Started Checkout'
)

select * from klaviyo__carts
