-- One row per touchpoint, with the campaign it came by and the channel of the first rule that it matches. Rules are matched
-- once for each combination of what touchpoints say about their origin, far fewer than touchpoints; '' stands for null.
{% set origin = ['touch_type', 'utm_source', 'utm_medium', 'referrer_host', 'landing_parameters'] %}
{% set names = ['campaign_id', 'landing_campaign_id', 'utm_campaign'] %}
{% set spelling = (origin + names) | join(', ') %}
with

campaigns as (
    select * from {{ ref('customer_lifecycle', 'int_campaign_spellings') }}
),

rules as (
    select * from {{ seed('channel_rules') }}
),

touchpoints as (
    select
        brand, touchpoint_id, person_id,
        {% for column in origin + names %}
        coalesce({{ column }}, '') as {{ column }},
        {% endfor %}
        occurred_at, occurred_date
    from {{ ref('customer_lifecycle', 'stg_marketing__touchpoints') }}
),

origins as (
    select distinct brand, {{ spelling }} from touchpoints
),

{{ origin_names('spellings', rows='origins', names={'named_campaign_id': 'campaign_id'}) }},

-- most parameters of a site are its own: only those that a rule knows are a clue
click_ids as (
    select distinct spellings.landing_parameters
    from spellings
    inner join rules on {{ matches_pattern_of('spellings.landing_parameters', 'rules.click_id') }}
    where spellings.landing_parameters <> ''
),

combinations as (
    select
        spellings.*,
        -- an id counts whether it is known or not, what an address calls a campaign where it is one
        coalesce(given.campaign_id, spellings.named_campaign_id, landing.campaign_id, named.campaign_id) as found_campaign,
        spellings.touch_type as clue_touch_type, spellings.utm_source as clue_utm_source,
        spellings.utm_medium as clue_utm_medium,
        {{ without_own_domains('spellings.referrer_host') }} as clue_referrer_host,
        coalesce(click_ids.landing_parameters, '') as clue_click_id,
        coalesce(case
            when spellings.named_campaign_id is not null then given.channel
            when landing.campaign_id is not null then landing.channel else named.channel
        end, '') as clue_campaign_channel
    from spellings
    left join click_ids on spellings.landing_parameters = click_ids.landing_parameters
    {% for alias, id in {'given': 'named_campaign_id', 'landing': 'landing_campaign_id', 'named': 'utm_campaign'}.items() %}
    left join campaigns as {{ alias }}
        on spellings.brand = {{ alias }}.brand and spellings.{{ id }} = {{ alias }}.spelling
    {% endfor %}
),

clues as (
    select distinct {{ channel_clues() | join(', ') }} from combinations
),

{{ channel_matches('matches', clues='clues', rules='rules') }},

channels as (
    select combinations.*, matches.channel
    from combinations
    inner join matches
        on
            combinations.clue_touch_type = matches.clue_touch_type
            {% for clue in channel_clues()[1:] %}
            and combinations.{{ clue }} = matches.{{ clue }}
            {% endfor %}
),

int_touchpoint_channels as (
    select
        touchpoints.brand, touchpoints.touchpoint_id, touchpoints.person_id,
        channels.found_campaign as campaign_id, channels.channel, touchpoints.occurred_at, touchpoints.occurred_date
    from touchpoints
    inner join channels
        on
            touchpoints.brand = channels.brand
            {% for column in origin + names %}
            and touchpoints.{{ column }} = channels.{{ column }}
            {% endfor %}
)

select * from int_touchpoint_channels
