-- One row per pair of states that follow each other on paths, with how often: from (start) over channels to (conversion),
-- or, for touches that no conversion followed in time, to (null). Touches in a row by one channel are one state: a
-- channel that leads to itself changes nothing about where its paths end.
{% set lookback_seconds = setting('attribution_lookback_days') | int * 86400 %}
{% set path = 'partition by path_end, customer_key, path_number' %}
with

paths as (
    select * from {{ ref('customer_lifecycle', 'int_attribution_paths') }}
),

unconverted_touches as (
    select
        touches.*,
        lag(touches.occurred_at) over (
            partition by touches.customer_key order by touches.occurred_at, touches.touchpoint_id
        ) as previous_at
    from {{ ref('customer_lifecycle', 'int_attribution_touches') }} as touches
    left join paths on touches.brand = paths.brand and touches.touchpoint_id = paths.touchpoint_id
    where paths.touchpoint_id is null
),

unconverted_paths as (
    -- a touch that comes too late to be credited together with the one before begins a new path
    select
        *,
        sum(case
            when {{ seconds_between('previous_at', 'occurred_at') }} < {{ lookback_seconds }} then 0
            else 1
        end) over (
            partition by customer_key order by occurred_at, touchpoint_id rows between unbounded preceding and current row
        ) as path_number
    from unconverted_touches
),

touches as (
    select
        brand, '(conversion)' as path_end, customer_key, conversion_number as path_number,
        channel, occurred_at, touchpoint_id
    from paths

    union all

    select
        brand, '(null)' as path_end, customer_key, path_number,
        channel, occurred_at, touchpoint_id
    from unconverted_paths
),

neighbours as (
    select
        brand, path_end, channel,
        lag(channel) over ({{ path }} order by occurred_at, touchpoint_id) as previous_channel,
        lead(channel) over ({{ path }} order by occurred_at, touchpoint_id) as next_channel
    from touches
),

transitions as (
    select brand, coalesce(previous_channel, '(start)') as from_state, channel as to_state
    from neighbours
    where previous_channel is null or previous_channel <> channel

    union all

    select brand, channel as from_state, path_end as to_state
    from neighbours
    where next_channel is null
),

int_channel_transitions as (
    select brand, from_state, to_state, count(*) as transition_count from transitions
    group by brand, from_state, to_state
)

select * from int_channel_transitions
