-- One row per touchpoint that counts at the as-of date, with the customer it belongs to as the ids are stitched together
-- then, its channel and campaign, and what its type makes of it.
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

touchpoints as (
    select * from {{ ref('customer_lifecycle', 'stg_marketing__touchpoints') }}
),

channels as (
    select
        brand,
        touchpoint_id,
        channel,
        campaign_id
    from {{ ref('customer_lifecycle', 'int_touchpoint_channels') }}
),

event_types as (
    select * from {{ seed('event_types') }}
    where source_table = 'touchpoints'
),

identity_map as (
    select
        identity_map.person_id,
        identity_map.customer_key,
        customers.customer_id
    from {{ ref('customer_lifecycle', 'int_identity_map') }} as identity_map
    inner join {{ ref('customer_lifecycle', 'int_customers') }} as customers
        on identity_map.customer_key = customers.customer_key
    where identity_map.valid_to = {{ end_of_time() }}
),

shared_ids as (
    select * from {{ ref('customer_lifecycle', 'int_identity_shared_ids') }}
),

int_stitched_touchpoints as (
    select
        touchpoints.brand,
        touchpoints.touchpoint_id,
        touchpoints.person_id,
        identity_map.customer_key,
        coalesce(identity_map.customer_id, touchpoints.person_id) as visitor_id,
        channels.channel,
        channels.campaign_id,
        coalesce(event_types.is_web_visit, false) as is_web_visit,
        coalesce(event_types.is_path_touch, false) as is_path_touch,
        touchpoints.occurred_at,
        touchpoints.occurred_date
    from touchpoints
    cross join as_of
    inner join channels on touchpoints.brand = channels.brand and touchpoints.touchpoint_id = channels.touchpoint_id
    left join event_types on coalesce(touchpoints.touch_type, 'visit') = event_types.event_type
    left join shared_ids
        on touchpoints.person_id = shared_ids.person_id and touchpoints.occurred_date >= shared_ids.shared_from_date
    left join identity_map on touchpoints.person_id = identity_map.person_id and shared_ids.person_id is null
    where touchpoints.deleted_date is null or touchpoints.deleted_date > as_of.as_of_date
)

select * from int_stitched_touchpoints
