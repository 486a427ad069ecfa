-- One row per channel on any path: the share of conversions that would be lost without it, were people to move between
-- channels with the frequencies observed. The chain is solved exactly, by taking out one channel after the other: what comes
-- to it is shared among what leaves it. Weights are added, multiplied and divided, never subtracted, so that nothing cancels
-- out (Grassmann, Taksar and Heyman). A row of the chain is a state, its columns are where it leads.
{% set most_channels = 16 %}
{% set ends = {'conversion': -1, 'null': -2} %}
{% set states = range(1, most_channels + 1) | list + ends.keys() | list %}
with

scenarios as (
    select * from {{ ref('int_channel_scenarios') }}
),

chain_0 as (
    select
        brand,
        removed_number,
        removed_channel,
        {% for state in states %}
        cast(sum(case when to_number = {{ ends.get(state, state) }} then weight else 0 end) as {{ double_type() }})
            as to_{{ state }},
        {% endfor %}
        from_number
    from scenarios
    group by brand, removed_number, removed_channel, from_number
),

{% for number in range(1, most_channels + 1) %}
{% set others = states[number:] %}
leaving_{{ number }} as (
    select
        {% for state in others %}
        max(case when from_number = {{ number }} then to_{{ state }} end)
            over (partition by brand, removed_number) as leaving_to_{{ state }},
        {% endfor %}
        *
    from chain_{{ number - 1 }}
),

chain_{{ number }} as (
    select
        brand,
        removed_number,
        removed_channel,
        {% for state in others %}
        to_{{ state }} + coalesce(
            to_{{ number }} * leaving_to_{{ state }} / nullif(leaving_to_{{ others | join(' + leaving_to_') }}, 0), 0
        ) as to_{{ state }},
        {% endfor %}
        from_number
    from leaving_{{ number }}
    where from_number <> {{ number }}
),

{% endfor %}
rates as (
    select
        brand,
        removed_number,
        removed_channel,
        to_conversion / (to_conversion + to_null) as conversion_rate
    from chain_{{ most_channels }}
    where from_number = 0
),

int_channel_removal_effects as (
    select
        without.brand,
        without.removed_channel as channel,
        without.removed_number as channel_number,
        whole.conversion_rate,
        without.conversion_rate as conversion_rate_without,
        -- nine digits: the last ones of a sum of doubles depend on the engine
        cast(coalesce(1 - without.conversion_rate / nullif(whole.conversion_rate, 0), 0) as decimal(18, 9)) as removal_effect
    from rates as without
    inner join rates as whole on without.brand = whole.brand and whole.removed_number = 0
    where without.removed_number > 0
)

select * from int_channel_removal_effects
