-- One row per day and campaign with what Meta claims, in the way that the option `conversions` asks. Meta counts one purchase
-- in several types of action: a total, and its parts. Of each campaign or ad the first type that is there counts.
{{ config(enabled=fills('facebook_ads', 'ad_performance')) }}
{% set types = {
    'purchase': ['omni_purchase', 'purchase', 'offsite_conversion.fb_pixel_purchase'],
    'lead': ['lead', 'offsite_conversion.fb_pixel_lead', 'onsite_conversion.lead_grouped'],
}[option('facebook_ads', 'conversions')] %}

with

actions as (
    {{ vendor_rows('facebook_ads', 'actions') }}
),

campaigns_of_ads as (
    select * from {{ ref('facebook_ads__campaigns_of_ads') }}
),

claims as (
    select
        brand, campaign_id, ad_id, date,
        coalesce(
            {%- for type in types %}
            sum(case when action_type = '{{ type }}' then value end){{ ',' if not loop.last }}
            {%- endfor %}
        ) as conversions
    from actions
    where action_type in ('{{ types | join("', '") }}')
    group by brand, campaign_id, ad_id, date
)

select
    claims.brand,
    coalesce(claims.campaign_id, campaigns_of_ads.campaign_id) as campaign_id,
    claims.date,
    sum(claims.conversions) as conversions
from claims
left join campaigns_of_ads on claims.brand = campaigns_of_ads.brand and claims.ad_id = campaigns_of_ads.ad_id
group by 1, 2, 3
