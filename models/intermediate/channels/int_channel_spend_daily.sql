-- One row per day, campaign and channel: what its advertising cost and brought. The rules that name a touchpoint's channel
-- name this one too: by the type under which the campaign was bought, else by the platform as a paid source.
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

campaigns as (
    select * from {{ ref('customer_lifecycle', 'int_campaign_spellings') }}
),

rules as (
    select * from {{ seed('channel_rules') }}
),

{{ origin_names(
    'ads', rows=ref('customer_lifecycle', 'stg_marketing__ad_performance'),
    names={'platform_name': 'platform', 'spelling': 'campaign_id'}
) }},

performance as (
    select
        ads.brand, ads.date_day, ads.platform, ads.impressions, ads.clicks, ads.platform_conversions,
        cast(round(ads.spend_amount * ads.reporting_rate, 2) as decimal(18, 2)) as spend_amount,
        coalesce(campaigns.campaign_id, ads.campaign_id) as campaign_id,
        coalesce(ads.platform_name, campaigns.platform, '') as clue_utm_source,
        coalesce(campaigns.channel, '') as clue_campaign_channel
    from ads
    cross join as_of
    left join campaigns on ads.brand = campaigns.brand and ads.spelling = campaigns.spelling
    where ads.deleted_date is null or ads.deleted_date > as_of.as_of_date
),

clues as (
    select distinct
        '' as clue_touch_type,
        clue_utm_source,
        'paid' as clue_utm_medium,
        '' as clue_referrer_host,
        '' as clue_click_id,
        clue_campaign_channel
    from performance
),

{{ channel_matches('matches', clues='clues', rules='rules') }},

int_channel_spend_daily as (
    -- a campaign that runs on two platforms, or whose id is written in two ways, has two rows of a day
    select
        performance.brand,
        performance.date_day,
        matches.channel,
        performance.campaign_id,
        min(performance.platform) as platform,
        sum(performance.impressions) as impressions,
        sum(performance.clicks) as clicks,
        cast(sum(performance.spend_amount) as decimal(18, 2)) as spend_amount,
        sum(performance.platform_conversions) as platform_conversions
    from performance
    inner join matches
        on
            performance.clue_utm_source = matches.clue_utm_source
            and performance.clue_campaign_channel = matches.clue_campaign_channel
    group by performance.brand, performance.date_day, performance.campaign_id, matches.channel
)

select * from int_channel_spend_daily
