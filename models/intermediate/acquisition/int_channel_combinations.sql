-- One row per combination of what touchpoints say about their origin, with the channel of the first rule it matches. Far
-- fewer than touchpoints, so that patterns are matched seldom; '' stands for null.
{% set clues = 'clue_touch_type, clue_utm_source, clue_utm_medium, clue_referrer_host, clue_campaign_channel' %}
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
    select distinct {{ clues }} from combinations
),

matches as (
    select
        {{ clues }},
        rules.channel,
        row_number() over (partition by {{ clues }} order by rules.priority) as match_number
    from clues
    inner join rules
        on
            (rules.touch_type is null or {{ matches_pattern_of('clue_touch_type', 'rules.touch_type') }})
            and (rules.utm_source is null or {{ matches_pattern_of('clue_utm_source', 'rules.utm_source') }})
            and (rules.utm_medium is null or {{ matches_pattern_of('clue_utm_medium', 'rules.utm_medium') }})
            and (rules.referrer_host is null or {{ matches_pattern_of('clue_referrer_host', 'rules.referrer_host') }})
            and (
                rules.campaign_channel is null
                or {{ matches_pattern_of('clue_campaign_channel', 'rules.campaign_channel') }}
            )
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
            and combinations.clue_touch_type = matches.clue_touch_type
            and combinations.clue_utm_source = matches.clue_utm_source
            and combinations.clue_utm_medium = matches.clue_utm_medium
            and combinations.clue_referrer_host = matches.clue_referrer_host
            and combinations.clue_campaign_channel = matches.clue_campaign_channel
)

select * from int_channel_combinations
