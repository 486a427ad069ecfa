-- One row per customer who said yes or no to mailings: the last time, which is all that Shopify keeps.
{{ config(enabled=fills('shopify', 'engagements')) }}

with

customers as (
    {{ vendor_rows('shopify', 'customers') }}
),

shopify__engagements as (
    select
        brand,
        {{ vendor_id('shopify', "'consent-' || id") }} as engagement_id,
        consent_updated_at as occurred_at,
        {{ vendor_id('shopify', 'id') }} as customer_id,
        case
            when lower(consent_state) = 'subscribed' then 'newsletter_subscribed'
            else 'newsletter_unsubscribed'
        end as engagement_type,
        'email' as channel,
        loaded_at,
        deleted_at
    from customers
    where consent_updated_at is not null and lower(consent_state) in ('subscribed', 'unsubscribed')
)

select * from shopify__engagements
