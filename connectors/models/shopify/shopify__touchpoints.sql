-- One row per visit that Shopify keeps of a buyer's way to an order; the same visit may stand with several orders.
{{ config(enabled=fills('shopify', 'touchpoints')) }}

with

visits as (
    {{ vendor_rows('shopify', 'visits') }}
),

orders as (
    {{ vendor_rows('shopify', 'orders') }}
),

numbered_visits as (
    select visits.*, row_number() over (partition by brand, id order by order_id) as place
    from visits
),

shopify__touchpoints as (
    select
        numbered_visits.brand,
        {{ vendor_id('shopify', 'numbered_visits.id') }} as touchpoint_id,
        numbered_visits.occurred_at,
        {{ vendor_id('shopify', 'orders.customer_id') }} as customer_id,
        orders.email,
        'visit' as touch_type,
        numbered_visits.utm_source,
        numbered_visits.utm_medium,
        numbered_visits.utm_campaign,
        numbered_visits.referrer_url as referrer,
        numbered_visits.landing_page,
        numbered_visits.loaded_at,
        numbered_visits.deleted_at
    from numbered_visits
    inner join orders on numbered_visits.brand = orders.brand and numbered_visits.order_id = orders.id
    where numbered_visits.place = 1
)

select * from shopify__touchpoints
