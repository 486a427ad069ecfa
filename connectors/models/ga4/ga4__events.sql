-- One row per event of a visitor, with what it says of where the visitor came from. A table, as several models read it and the
-- export is large. A click on an advertisement of Google is told by its click id alone: what is collected beside it is organic.
{{ config(enabled=fills('ga4', 'touchpoints'), materialized='table') }}

with

events as (
    {{ vendor_rows('ga4', 'events') }}
),

tagged_events as (
    select
        events.*,
        user_pseudo_id || '.' || session_id as session_key,
        case when gclid is not null then 'google' when manual_source is not null then 'manual' else 'other' end as tagging
    from events
    where user_pseudo_id is not null
),

ga4__events as (
    select
        brand,
        user_pseudo_id as anonymous_id,
        {{ vendor_id(filled_by('customers') | first | default(''), 'user_id') }} as customer_id,
        session_key,
        event_name,
        event_timestamp as occurred_at,
        page_location,
        page_referrer,
        case tagging when 'google' then 'google' when 'manual' then manual_source else source end as utm_source,
        case tagging when 'google' then 'cpc' when 'manual' then manual_medium else medium end as utm_medium,
        case tagging when 'google' then google_campaign when 'manual' then manual_campaign else campaign end as utm_campaign,
        -- the campaign of the last click may be that of an earlier session
        case when tagging = 'google' then {{ vendor_id('google_ads', 'google_campaign_id') }} else manual_campaign_id end
            as campaign_id,
        {{ vendor_id(filled_by('orders') | first | default(''), 'transaction_id') }} as order_id,
        value,
        upper(currency) as currency,
        row_number() over (
            partition by brand, user_pseudo_id
            order by event_timestamp, batch_page_id, batch_ordering_id, batch_event_index, event_name
        ) as event_number
    from tagged_events
)

select * from ga4__events
