-- One row per e-mail that was delivered or opened.
{{ config(enabled=fills('klaviyo', 'touchpoints')) }}

with

events as (
    select * from {{ ref('customer_lifecycle_connectors', 'klaviyo__events') }}
),

klaviyo__touchpoints as (
    select
        brand,
        {{ vendor_id('klaviyo', 'id') }} as touchpoint_id,
        occurred_at,
        {{ vendor_id('klaviyo', 'profile_id') }} as customer_id,
        case when metric_name = 'Received Email' then 'email_delivered' else 'email_opened' end as touch_type,
        {{ vendor_id('klaviyo', 'campaign_id') }} as campaign_id,
        is_bot,
        loaded_at,
        deleted_at
    from events
    where metric_name in ('Received Email', 'Opened Email')
)

select * from klaviyo__touchpoints
