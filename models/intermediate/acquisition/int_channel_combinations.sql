-- One row per combination of what touchpoints say about their origin, with the channel of the first rule it matches. Far fewer
-- than touchpoints, so that patterns are matched seldom; '' stands for null.
{% set clues = ['touch_type', 'utm_source', 'utm_medium', 'referrer_host', 'campaign_channel'] %}
with

touchpoints as (
    select * from {{ ref('stg_marketing__touchpoints') }}
),

campaigns as (
    select * from {{ ref('stg_marketing__campaigns') }}
),

rules as (
    select * from {{ ref('channel_rules') }}
),

spellings as (
    select distinct
        brand,
        coalesce(touch_type, '') as touch_type,
        coalesce(utm_source, '') as utm_source,
        coalesce(utm_medium, '') as utm_medium,
        coalesce(referrer, '') as referrer,
        coalesce(campaign_id, utm_campaign, '') as campaign_id
    from touchpoints
),

combinations as (
    select
        spellings.*,
        lower(spellings.touch_type) as clue_touch_type,
        lower(spellings.utm_source) as clue_utm_source,
        lower(spellings.utm_medium) as clue_utm_medium,
        {{ url_host('spellings.referrer') }} as clue_referrer_host,
        lower(coalesce(campaigns.channel, '')) as clue_campaign_channel
    from spellings
    left join campaigns on spellings.brand = campaigns.brand and spellings.campaign_id = campaigns.campaign_id
),

clues as (
    select distinct {% for clue in clues %}clue_{{ clue }}{{ ', ' if not loop.last }}{% endfor %} from combinations
),

matches as (
    select
        clues.*,
        rules.channel,
        row_number() over (
            partition by {% for clue in clues %}clue_{{ clue }}{{ ', ' if not loop.last }}{% endfor %}
            order by rules.priority
        ) as match_number
    from clues
    inner join rules
        on
            {% for clue in clues %}
            (rules.{{ clue }} is null or {{ matches_pattern_of('clues.clue_' ~ clue, 'rules.' ~ clue) }}){{ ' and' if not loop.last }}
            {% endfor %}
),

int_channel_combinations as (
    select
        combinations.brand,
        combinations.touch_type,
        combinations.utm_source,
        combinations.utm_medium,
        combinations.referrer,
        combinations.campaign_id,
        matches.channel
    from combinations
    inner join matches
        on
            matches.match_number = 1
            {% for clue in clues %}
            and combinations.clue_{{ clue }} = matches.clue_{{ clue }}
            {% endfor %}
)

select * from int_channel_combinations
