-- One row per scenario and pair of states that follow each other in it: the chain of transitions as it is (removed_number
-- 0), and once for each channel without it, everybody who came to that channel being lost instead. Channels are numbered by
-- name; (start) is 0, (conversion) -1 and (null) -2.
with

transitions as (
    select * from {{ ref('int_channel_transitions') }}
),

channel_names as (
    select distinct
        brand,
        from_state as channel
    from transitions
    where from_state <> '(start)'
),

channels as (
    select
        brand,
        channel,
        row_number() over (partition by brand order by channel) as channel_number
    from channel_names
),

scenarios as (
    select distinct
        brand,
        cast(null as {{ text_type() }}) as removed_channel,
        0 as removed_number
    from channels

    union all

    select
        brand,
        channel as removed_channel,
        channel_number as removed_number
    from channels
),

steps as (
    select
        scenarios.brand,
        scenarios.removed_number,
        scenarios.removed_channel,
        coalesce(comes.channel_number, 0) as from_number,
        case
            when transitions.to_state = '(conversion)' then -1
            when goes.channel_number <> scenarios.removed_number then goes.channel_number
            else -2
        end as to_number,
        transitions.transition_count
    from scenarios
    inner join transitions on scenarios.brand = transitions.brand
    left join channels as comes on transitions.brand = comes.brand and transitions.from_state = comes.channel
    left join channels as goes on transitions.brand = goes.brand and transitions.to_state = goes.channel
    where comes.channel_number is null or comes.channel_number <> scenarios.removed_number
),

int_channel_scenarios as (
    select
        brand,
        removed_number,
        removed_channel,
        from_number,
        to_number,
        cast(sum(transition_count) as bigint) as weight
    from steps
    group by brand, removed_number, removed_channel, from_number, to_number
)

select * from int_channel_scenarios
