-- One row per campaign or flow: both send mailings.
{{ config(enabled=fills('klaviyo', 'campaigns')) }}

with

campaigns as (
    {{ vendor_rows('klaviyo', 'campaigns') }}
),

flows as (
    {{ vendor_rows('klaviyo', 'flows') }}
),

mailings as (
    select brand, id, name, sent_at as started_at, loaded_at, deleted_at from campaigns
    union all
    select brand, id, name, created as started_at, loaded_at, deleted_at from flows
),

klaviyo__campaigns as (
    select
        brand,
        {{ vendor_id('klaviyo', 'id') }} as campaign_id,
        name,
        'email' as channel,
        'klaviyo' as platform,
        started_at,
        loaded_at,
        deleted_at
    from mailings
)

select * from klaviyo__campaigns
