-- One row per click in a marketing e-mail, per form that was sent, and per yes or no to all mailings. Who marks an e-mail as
-- spam gets no more.
{{ config(enabled=fills('hubspot', 'engagements')) }}

with

email_events as (
    {{ vendor_rows('hubspot', 'email_events') }}
),

subscription_changes as (
    {{ vendor_rows('hubspot', 'subscription_changes') }}
),

form_submissions as (
    {{ vendor_rows('hubspot', 'form_submissions') }}
),

typed_events as (
    select
        email_events.*,
        case
            when email_events.type = 'CLICK' then 'email_clicked'
            when email_events.type = 'SPAMREPORT' then 'newsletter_unsubscribed'
            when email_events.type <> 'STATUSCHANGE' then null
            when subscription_changes.portal_subscription_status = 'SUBSCRIBED' then 'newsletter_subscribed'
            when subscription_changes.portal_subscription_status = 'UNSUBSCRIBED' then 'newsletter_unsubscribed'
        end as engagement_type
    from email_events
    left join subscription_changes
        on email_events.brand = subscription_changes.brand and email_events.id = subscription_changes.id
),

hubspot__engagements as (
    select
        brand,
        {{ vendor_id('hubspot', 'id') }} as engagement_id,
        created as occurred_at,
        cast(null as {{ customer_lifecycle.text_type() }}) as customer_id,
        recipient as email,
        engagement_type,
        'email' as channel,
        {{ vendor_id('hubspot', 'campaign_id') }} as campaign_id,
        filtered_event as is_bot,
        loaded_at,
        deleted_at
    from typed_events
    where engagement_type is not null
    union all
    select
        brand,
        {{ vendor_id('hubspot', "'form-' || coalesce(conversion_id, contact_id || '-' || form_id)") }} as engagement_id,
        submitted_at as occurred_at,
        {{ vendor_id('hubspot', 'contact_id') }} as customer_id,
        null as email,
        'lead_form' as engagement_type,
        null as channel,
        null as campaign_id,
        null as is_bot,
        loaded_at,
        deleted_at
    from form_submissions
)

select * from hubspot__engagements
