-- The last of the channel rules takes everything, and no touchpoint is lost or doubled on the way to its combination of
-- clues.
select
    touchpoints.brand,
    touchpoints.touchpoint_id,
    count(channels.channel) as channel_count
from {{ ref('customer_lifecycle', 'stg_marketing__touchpoints') }} as touchpoints
left join {{ ref('customer_lifecycle', 'int_touchpoint_channels') }} as channels
    on touchpoints.brand = channels.brand and touchpoints.touchpoint_id = channels.touchpoint_id
group by touchpoints.brand, touchpoints.touchpoint_id
having count(channels.channel) <> 1
