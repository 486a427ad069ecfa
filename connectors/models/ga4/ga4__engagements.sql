-- One row per sign-up and per form of a lead.
{{ config(enabled=fills('ga4', 'engagements')) }}

with

events as (
    select
        ga4__events.*,
        row_number() over (partition by brand, anonymous_id, event_name, occurred_at order by event_number) as place
    from {{ ref('ga4__events') }} as ga4__events
    where event_name in ('sign_up', 'generate_lead')
),

ga4__engagements as (
    select
        brand,
        {{ vendor_id('ga4', "anonymous_id || '.' || event_name || '.' || cast(occurred_at as " ~ sql_type('text') ~ ")") }}
            as engagement_id,
        occurred_at,
        customer_id,
        anonymous_id,
        case event_name when 'sign_up' then 'signup' else 'lead_form' end as engagement_type,
        occurred_at as loaded_at
    from events
    -- an event that was sent twice is one
    where place = 1
)

select * from ga4__engagements
