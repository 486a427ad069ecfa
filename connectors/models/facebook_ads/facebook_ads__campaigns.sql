-- One row per campaign as it was last; one that was deleted stays, as its costs do.
{{ config(enabled=fills('facebook_ads', 'campaigns')) }}

with

campaigns as (
    {{ vendor_rows('facebook_ads', 'campaigns') }}
),

versions as (
    select
        campaigns.*,
        row_number() over (partition by brand, id order by updated_time desc, loaded_at desc) as place
    from campaigns
),

facebook_ads__campaigns as (
    select
        brand,
        {{ vendor_id('facebook_ads', 'id') }} as campaign_id,
        name,
        'paid_social' as channel,
        'meta' as platform,
        replace(lower(objective), 'outcome_', '') as objective,
        coalesce(start_time, created_time) as started_at,
        stop_time as ended_at,
        loaded_at
    from versions
    where place = 1
)

select * from facebook_ads__campaigns
