-- One row per scenario, state and state that can follow: the chain of transitions as it is (removed_number 0), and once
-- for each channel without it, everybody who came to that channel being lost instead. Channels are numbered by name;
-- (start) is 0, (conversion) -1 and (null) -2. Pairs that never follow each other are there with weight 0.
with

transitions as (
    select * from {{ ref('int_channel_transitions') }}
),

channels as (
    select distinct
        brand,
        from_state as state
    from transitions
    where from_state <> '(start)'
),

states as (
    select
        brand,
        state,
        row_number() over (partition by brand order by state) as state_number
    from channels

    {% for state, number in [('(start)', 0), ('(conversion)', -1), ('(null)', -2)] %}
    union all

    select distinct
        brand,
        '{{ state }}' as state,
        {{ number }} as state_number
    from transitions
    {% endfor %}
),

int_channel_scenarios as (
    select
        removed.brand,
        removed.state_number as removed_number,
        case when removed.state_number > 0 then removed.state end as removed_channel,
        comes.state_number as from_number,
        goes.state_number as to_number,
        cast(coalesce(kept.transition_count, 0) + coalesce(lost.transition_count, 0) as {{ double_type() }}) as weight
    from states as removed
    inner join states as comes on removed.brand = comes.brand
    inner join states as goes on removed.brand = goes.brand
    left join transitions as kept
        on comes.brand = kept.brand and comes.state = kept.from_state and goes.state = kept.to_state
    left join transitions as lost
        on
            comes.brand = lost.brand
            and comes.state = lost.from_state
            and removed.state = lost.to_state
            and removed.state_number > 0
            and goes.state = '(null)'
    where
        removed.state_number >= 0
        and comes.state_number >= 0
        and goes.state_number <> 0
        and (
            removed.state_number = 0
            or (removed.state_number <> comes.state_number and removed.state_number <> goes.state_number)
        )
)

select * from int_channel_scenarios
