-- One row per channel on any path: the share of conversions that would be lost without it, if people moved between channels
-- with the frequencies observed. Lost would be the paths that visit the channel and convert afterwards, so that the share is
-- (visits of the channel from the start ÷ visits from the channel itself) x (conversions from there ÷ from the start).
-- Both come of one chain, solved exactly: channel after channel is taken out as a step on the way, and what came to it is
-- shared among what leaves it. Nothing is subtracted, so that nothing cancels out (Grassmann, Taksar and Heyman). A
-- recursive query would need aggregates or windows within, which few engines have.
{% set most_channels = 16 %}
{% set conversion = most_channels + 1 %}
with

transitions as (
    select * from {{ ref('customer_lifecycle', 'int_channel_transitions') }}
),

states as (
    -- (start) is 0; channels are numbered by name
    select
        brand,
        from_state as state,
        row_number() over (
            partition by brand order by case when from_state = '(start)' then 0 else 1 end, from_state
        ) - 1 as state_number,
        sum(transition_count) as leaving_count
    from transitions
    group by brand, from_state
),

targets as (
    select brand, state as to_state, state_number as to_number from states
    where state_number > 0
    union all
    {% for end, number in [('(conversion)', conversion), ('(null)', conversion + 1)] %}
    select brand, '{{ end }}', {{ number }} from states
    where state_number = 0
    union all
    {% endfor %}
    -- each time a channel is left, it was visited
    select brand, 'visit of ' || state, -state_number from states
    where state_number > 0
),

chain_0 as (
    select
        states.brand,
        states.state_number as from_number,
        targets.to_number,
        cast(coalesce(
            case when targets.to_number = -states.state_number then states.leaving_count end, transitions.transition_count, 0
        ) as {{ double_type() }}) as weight
    from states
    inner join targets on states.brand = targets.brand
    left join transitions
        on
            states.brand = transitions.brand
            and states.state = transitions.from_state
            and targets.to_state = transitions.to_state
),

{% for number in range(1, most_channels + 1) %}
chain_{{ number }} as (
    select
        brand,
        from_number,
        to_number,
        weight + coalesce(
            max(case when to_number = {{ number }} and from_number <> {{ number }} then weight end)
                over (partition by brand, from_number)
            * max(case when from_number = {{ number }} then weight end) over (partition by brand, to_number)
            / nullif(sum(case when from_number = {{ number }} and to_number > {{ number }} then weight end)
                over (partition by brand), 0),
            0
        ) as weight
    from chain_{{ number - 1 }}
),

{% endfor %}
ends as (
    select
        states.brand,
        states.state as channel,
        states.state_number as channel_number,
        max(case when chain.from_number = 0 and chain.to_number < 0 then chain.weight end) as visits_from_start,
        max(case when chain.from_number > 0 and chain.to_number < 0 then chain.weight end) as visits_from_channel,
        max(case when chain.from_number = 0 and chain.to_number > 0 then chain.weight end) as conversions_from_start,
        max(case when chain.from_number > 0 and chain.to_number > 0 then chain.weight end) as conversions_from_channel
    from states
    inner join chain_{{ most_channels }} as chain
        on
            states.brand = chain.brand
            and chain.from_number in (0, states.state_number)
            and chain.to_number in ({{ conversion }}, -states.state_number)
    where states.state_number > 0
    group by states.brand, states.state, states.state_number
),

int_channel_removal_effects as (
    -- nine digits: the last ones of a sum of doubles depend on the engine
    select
        brand,
        channel,
        channel_number,
        cast(coalesce(
            visits_from_start / visits_from_channel * conversions_from_channel / nullif(conversions_from_start, 0), 0
        ) as decimal(18, 9)) as removal_effect
    from ends
)

select * from int_channel_removal_effects
