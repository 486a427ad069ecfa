-- One row per day of the account and campaign: all networks and devices. Costs are added up before they are rounded.
{{ config(enabled=fills('google_ads', 'ad_performance')) }}

with

campaign_days as (
    {{ vendor_rows('google_ads', 'campaign_days') }}
),

accounts as (
    select * from {{ ref('google_ads__accounts') }}
),

totals as (
    select
        brand, campaign_id, account_id, date,
        sum(impressions) as impressions,
        sum(clicks) as clicks,
        sum(cost_micros) as cost_micros,
        sum(conversions) as platform_conversions,
        max(loaded_at) as loaded_at
    from campaign_days
    group by brand, campaign_id, account_id, date
),

google_ads__ad_performance as (
    select
        totals.brand,
        totals.date,
        {{ vendor_id('google_ads', 'totals.campaign_id') }} as campaign_id,
        'google' as platform,
        cast(totals.impressions as {{ sql_type('count') }}) as impressions,
        cast(totals.clicks as {{ sql_type('count') }}) as clicks,
        cast(
            cast(totals.cost_micros as decimal(24, 0)) * cast(0.000001 as decimal(7, 6)) as {{ sql_type('amount') }}
        ) as spend_amount,
        accounts.currency,
        totals.platform_conversions,
        totals.loaded_at
    from totals
    left join accounts on totals.brand = accounts.brand and totals.account_id = accounts.account_id
)

select * from google_ads__ad_performance
