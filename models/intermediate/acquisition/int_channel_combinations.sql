-- One row per combination of what touchpoints say about their origin, with the channel of the first rule it matches. Far
-- fewer than touchpoints, so that patterns are matched seldom; '' stands for null.
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
    select distinct {{ channel_clues() | join(', ') }} from combinations
),

{{ channel_matches('matches', clues='clues', rules='rules') }},

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
            combinations.clue_touch_type = matches.clue_touch_type
            and combinations.clue_utm_source = matches.clue_utm_source
            and combinations.clue_utm_medium = matches.clue_utm_medium
            and combinations.clue_referrer_host = matches.clue_referrer_host
            and combinations.clue_campaign_channel = matches.clue_campaign_channel
)

select * from int_channel_combinations
