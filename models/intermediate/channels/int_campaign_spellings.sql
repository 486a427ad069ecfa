-- One row per brand and name by which a campaign is known, spelt as names are compared: its id in campaigns, else in
-- ad_performance, else its name. One id may be written in several ways; what is published is the first of them.
with

{{ origin_names(
    'campaigns', rows=ref('customer_lifecycle', 'stg_marketing__campaigns'),
    names={'channel_name': 'channel', 'platform_name': 'platform'}
) }},

advertised as (
    select
        brand, campaign_id,
        min(date_day) as first_date
    from {{ ref('customer_lifecycle', 'stg_marketing__ad_performance') }}
    group by brand, campaign_id
),

names as (
    select brand, campaign_id, campaign_id as name, 1 as evidence, cast(null as date) as first_date from campaigns
    union all
    select brand, campaign_id, campaign_id as name, 2 as evidence, first_date from advertised
    union all
    select brand, campaign_id, name, 3 as evidence, cast(null as date) as first_date from campaigns
),

{{ origin_names('spellings', rows='names', names={'spelling': 'name'}) }},

ranked as (
    select
        *,
        row_number() over (
            partition by brand, spelling order by evidence, first_date nulls last, campaign_id
        ) as spelling_number,
        min(campaign_id) over (partition by brand, spelling, evidence) as first_id,
        max(campaign_id) over (partition by brand, spelling, evidence) as last_id
    from spellings
    where spelling is not null
),

int_campaign_spellings as (
    select
        ranked.brand,
        ranked.spelling,
        ranked.campaign_id,
        campaigns.channel_name as channel,
        campaigns.platform_name as platform
    from ranked
    left join campaigns on ranked.brand = campaigns.brand and ranked.campaign_id = campaigns.campaign_id
    -- a name that several campaigns have names none of them
    where ranked.spelling_number = 1 and (ranked.evidence < 3 or ranked.first_id = ranked.last_id)
)

select * from int_campaign_spellings
