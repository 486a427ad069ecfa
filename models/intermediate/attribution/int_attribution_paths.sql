-- One row per conversion and touch on the path to it: the touches of the same customer before it, or at the same moment, and
-- less than attribution_lookback_days before it.
{% set conversion = 'conversions.customer_key, conversions.conversion_number' %}
with

conversions as (
    select * from {{ ref('customer_lifecycle', 'int_conversions') }}
),

touches as (
    select * from {{ ref('customer_lifecycle', 'int_attribution_touches') }}
),

int_attribution_paths as (
    select
        conversions.brand,
        conversions.customer_key,
        conversions.conversion_number,
        touches.touchpoint_id,
        touches.channel,
        touches.campaign_id,
        row_number() over (partition by {{ conversion }} order by touches.occurred_at, touches.touchpoint_id)
            as touch_number,
        count(*) over (partition by {{ conversion }}) as touch_count,
        count(*) over (partition by {{ conversion }}, touches.channel) as channel_touch_count,
        touches.occurred_at,
        max(touches.occurred_at) over (partition by {{ conversion }}) as last_touch_at
    from conversions
    inner join touches
        on
            conversions.customer_key = touches.customer_key
            and conversions.converted_at >= touches.occurred_at
            and {{ seconds_between('touches.occurred_at', 'conversions.converted_at') }}
            < {{ setting('attribution_lookback_days') | int * 86400 }}
)

select * from int_attribution_paths
