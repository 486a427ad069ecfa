-- One row per touchpoint, with the channel and the campaign it came by.
{{ config(materialized='view') }}
with

touchpoints as (
    select * from {{ ref('stg_marketing__touchpoints') }}
),

combinations as (
    select * from {{ ref('int_channel_combinations') }}
),

campaigns as (
    select
        brand,
        campaign_id
    from {{ ref('stg_marketing__campaigns') }}
),

int_touchpoint_channels as (
    select
        touchpoints.brand,
        touchpoints.touchpoint_id,
        touchpoints.person_id,
        coalesce(touchpoints.campaign_id, campaigns.campaign_id) as campaign_id,
        combinations.channel,
        touchpoints.occurred_at,
        touchpoints.occurred_date
    from touchpoints
    inner join combinations
        on
            touchpoints.brand = combinations.brand
            and coalesce(touchpoints.touch_type, '') = combinations.touch_type
            and coalesce(touchpoints.utm_source, '') = combinations.utm_source
            and coalesce(touchpoints.utm_medium, '') = combinations.utm_medium
            and coalesce(touchpoints.referrer, '') = combinations.referrer
            and coalesce(touchpoints.campaign_id, touchpoints.utm_campaign, '') = combinations.campaign_id
    left join campaigns on touchpoints.brand = campaigns.brand and touchpoints.utm_campaign = campaigns.campaign_id
)

select * from int_touchpoint_channels
