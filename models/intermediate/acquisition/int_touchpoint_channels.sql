-- One row per touchpoint, with the channel it came by.
{{ config(materialized='view') }}
with

touchpoints as (
    select * from {{ ref('stg_marketing__touchpoints') }}
),

combinations as (
    select * from {{ ref('int_channel_combinations') }}
),

int_touchpoint_channels as (
    select
        touchpoints.brand,
        touchpoints.touchpoint_id,
        touchpoints.person_id,
        touchpoints.campaign_id,
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
)

select * from int_touchpoint_channels
