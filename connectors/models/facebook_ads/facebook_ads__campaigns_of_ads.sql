-- One row per ad, with its campaign, which never changes.
{{ config(enabled=fills('facebook_ads', 'ad_performance')) }}

with

ads as (
    {{ vendor_rows('facebook_ads', 'ads') }}
)

select brand, id as ad_id, max(campaign_id) as campaign_id from ads group by brand, id
