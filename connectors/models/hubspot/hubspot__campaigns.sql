-- One row per marketing e-mail.
{{ config(enabled=fills('hubspot', 'campaigns')) }}

with

email_campaigns as (
    {{ vendor_rows('hubspot', 'email_campaigns') }}
),

hubspot__campaigns as (
    select
        brand,
        {{ vendor_id('hubspot', 'id') }} as campaign_id,
        coalesce(name, subject) as name,
        'email' as channel,
        'hubspot' as platform,
        loaded_at,
        deleted_at
    from email_campaigns
)

select * from hubspot__campaigns
