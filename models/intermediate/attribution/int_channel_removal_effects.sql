-- One row per channel on any path: the share of conversions that would be lost without it, were people to move between
-- channels with the frequencies observed. The chain is solved exactly, by taking out one channel after the other: whoever
-- went through it goes straight to where it leads. Weights are added, multiplied and divided, never subtracted, so that
-- nothing cancels out (Grassmann, Taksar and Heyman). A channel taken out shares what comes to it among what leaves it,
-- itself excepted.
{% set most_channels = 16 %}
{% set scenario = 'partition by brand, removed_number' %}
with

chain_0 as (
    select * from {{ ref('int_channel_scenarios') }}
),

{% for number in range(1, most_channels + 1) %}
chain_{{ number }} as (
    select
        brand,
        removed_number,
        removed_channel,
        from_number,
        to_number,
        weight + coalesce(
            max(case when to_number = {{ number }} then weight end) over ({{ scenario }}, from_number)
            * max(case when from_number = {{ number }} then weight end) over ({{ scenario }}, to_number)
            / nullif(
                sum(case when from_number = {{ number }} and to_number <> {{ number }} then weight end)
                    over ({{ scenario }}),
                0
            ),
            0
        ) as weight
    from chain_{{ number - 1 }}
    {% if not loop.first -%}
    where from_number <> {{ number - 1 }} and to_number <> {{ number - 1 }}
    {%- endif %}
),

{% endfor %}
ends as (
    select
        brand,
        removed_number,
        removed_channel,
        sum(case when to_number = -1 then weight end) / sum(weight) as conversion_rate
    from chain_{{ most_channels }}
    where from_number = 0 and to_number < 0
    group by brand, removed_number, removed_channel
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
    from ends as without
    inner join ends as whole on without.brand = whole.brand and whole.removed_number = 0
    where without.removed_number > 0
)

select * from int_channel_removal_effects
