-- One row per click in an e-mail, and per yes or no to mailings. Who marks an e-mail as spam gets no more.
{{ config(enabled=fills('klaviyo', 'engagements')) }}

with

events as (
    select * from {{ ref('customer_lifecycle_connectors', 'klaviyo__events') }}
),

typed_events as (
    select
        events.*,
        case
            when metric_name = 'Clicked Email' then 'email_clicked'
            when metric_name in ('Subscribed to List', 'Subscribed to Email Marketing') then 'newsletter_subscribed'
            when metric_name in (
                'Unsubscribed', 'Unsubscribed from List', 'Unsubscribed from Email Marketing', 'Marked Email as Spam'
            ) then 'newsletter_unsubscribed'
        end as engagement_type
    from events
),

klaviyo__engagements as (
    select
        brand,
        {{ vendor_id('klaviyo', 'id') }} as engagement_id,
        occurred_at,
        {{ vendor_id('klaviyo', 'profile_id') }} as customer_id,
        engagement_type,
        'email' as channel,
        {{ vendor_id('klaviyo', 'campaign_id') }} as campaign_id,
        is_bot,
        loaded_at,
        deleted_at
    from typed_events
    where engagement_type is not null
)

select * from klaviyo__engagements
