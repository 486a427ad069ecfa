-- One row per day of the account and campaign. What was spent on an ad of which the loader brings no campaign is the account's.
{{ config(enabled=fills('facebook_ads', 'ad_performance')) }}

with

days as (
    {{ vendor_rows('facebook_ads', 'days') }}
),

accounts as (
    {{ vendor_rows('facebook_ads', 'accounts') }}
),

campaigns_of_ads as (
    select * from {{ ref('facebook_ads__campaigns_of_ads') }}
),

conversions as (
    select * from {{ ref('facebook_ads__conversions') }}
),

account_versions as (
    select brand, id, currency, row_number() over (partition by brand, id order by loaded_at desc) as place
    from accounts
),

totals as (
    select
        days.brand,
        days.account_id,
        days.date,
        coalesce(days.campaign_id, campaigns_of_ads.campaign_id, 'account-' || days.account_id) as campaign_id,
        sum(days.impressions) as impressions,
        sum(days.clicks) as clicks,
        sum(days.spend) as spend,
        max(days.loaded_at) as loaded_at
    from days
    left join campaigns_of_ads on days.brand = campaigns_of_ads.brand and days.ad_id = campaigns_of_ads.ad_id
    group by 1, 2, 3, 4
),

facebook_ads__ad_performance as (
    select
        totals.brand,
        totals.date,
        {{ vendor_id('facebook_ads', 'totals.campaign_id') }} as campaign_id,
        'meta' as platform,
        cast(totals.impressions as {{ sql_type('count') }}) as impressions,
        cast(totals.clicks as {{ sql_type('count') }}) as clicks,
        cast(totals.spend as {{ sql_type('amount') }}) as spend_amount,
        account_versions.currency,
        -- no row of actions is none; without the table of actions it is not known
        {{ "coalesce(conversions.conversions, 0)" if is_loaded('facebook_ads', 'actions') else 'conversions.conversions' }}
            as platform_conversions,
        totals.loaded_at
    from totals
    left join account_versions on totals.brand = account_versions.brand and totals.account_id = account_versions.id
        and account_versions.place = 1
    left join conversions on totals.brand = conversions.brand and totals.campaign_id = conversions.campaign_id
        and totals.date = conversions.date
)

select * from facebook_ads__ad_performance
