-- One row per account as it was last.
{{ config(enabled=fills('google_ads', 'ad_performance')) }}

with

accounts as (
    {{ vendor_rows('google_ads', 'accounts') }}
),

versions as (
    select
        brand, id as account_id, currency_code as currency, time_zone,
        row_number() over (partition by brand, id order by updated_at desc, loaded_at desc) as place
    from accounts
)

select brand, account_id, currency, time_zone from versions where place = 1
