-- One row per model, conversion and touch that the model credits with it, with the touch's weight, a whole number: its
-- credit is its share of the weights of the path.
{% set half_life_seconds = setting('attribution_half_life_days') | float * 86400 %}
{% set weights = {
    'first_touch': 'case when touch_number = 1 then 1 else 0 end',
    'last_touch': 'case when touch_number = touch_count then 1 else 0 end',
    'last_non_direct': 'case when touch_number = coalesce(last_non_direct_number, touch_count) then 1 else 0 end',
    'linear': '1',
    'position_based':
        'case when touch_count > 2 and touch_number in (1, touch_count) then 2 * (touch_count - 2) else 1 end',
    'time_decay': 'floor(0.5 + 1000000000 * power(2, -seconds_before_last / ' ~ half_life_seconds ~ '))',
    'markov': 'case when path_effect > 0 then floor(0.5 + 1000000000 * removal_effect / channel_touch_count) else 1 end',
} %}
{% set with_one_touch = ['first_touch', 'last_touch', 'last_non_direct'] %}
with

effects as (
    select * from {{ ref('customer_lifecycle', 'int_channel_removal_effects') }}
),

touches as (
    select
        paths.*,
        cast(coalesce(effects.removal_effect, 0) as {{ double_type() }}) as removal_effect,
        max(effects.removal_effect) over (
            partition by paths.customer_key, paths.conversion_number
        ) as path_effect,
        max(case when paths.channel <> 'direct' then paths.touch_number end) over (
            partition by paths.customer_key, paths.conversion_number
        ) as last_non_direct_number,
        {{ seconds_between('paths.occurred_at', 'paths.last_touch_at') }} as seconds_before_last
    from {{ ref('customer_lifecycle', 'int_attribution_paths') }} as paths
    left join effects on paths.brand = effects.brand and paths.channel = effects.channel
),

weights as (
    {% for model in attribution_models() %}
    select
        customer_key,
        conversion_number,
        touch_number,
        '{{ model }}' as model,
        cast({{ weights[model] }} as bigint) as weight,
        {{ "true" if model in with_one_touch else "touch_count = 1" }} as has_all_credit
    from touches
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

int_attribution_weights as (
    select * from weights
    where weight > 0
)

select * from int_attribution_weights
