-- One row per day and campaign with what its advertising cost and brought, by channel. The channel is told by the rules that
-- tell a touchpoint's: by what the campaign was bought as, else by the platform, whose contacts were paid for.
with

as_of as (
    select as_of_date from {{ ref('stg_calendar__as_of_date') }}
),

campaigns as (
    select * from {{ ref('stg_marketing__campaigns') }}
),

rules as (
    select * from {{ ref('channel_rules') }}
),

performance as (
    select
        ads.*,
        lower(coalesce(ads.platform, campaigns.platform, '')) as clue_utm_source,
        lower(coalesce(campaigns.channel, '')) as clue_campaign_channel
    from {{ ref('stg_marketing__ad_performance') }} as ads
    cross join as_of
    left join campaigns on ads.brand = campaigns.brand and ads.campaign_id = campaigns.campaign_id
    where ads.deleted_date is null or ads.deleted_date > as_of.as_of_date
),

clues as (
    select distinct
        '' as clue_touch_type,
        clue_utm_source,
        'paid' as clue_utm_medium,
        '' as clue_referrer_host,
        clue_campaign_channel
    from performance
),

{{ channel_matches('matches', clues='clues', rules='rules') }},

int_channel_spend_daily as (
    select
        performance.brand,
        performance.date_day,
        matches.channel,
        performance.campaign_id,
        performance.platform,
        performance.impressions,
        performance.clicks,
        cast(round(performance.spend_amount * performance.reporting_rate, 2) as decimal(18, 2)) as spend_amount,
        performance.platform_conversions
    from performance
    inner join matches
        on
            performance.clue_utm_source = matches.clue_utm_source
            and performance.clue_campaign_channel = matches.clue_campaign_channel
)

select * from int_channel_spend_daily
