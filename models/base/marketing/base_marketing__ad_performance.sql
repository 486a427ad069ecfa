-- One row per raw row of ad_performance: cleaned, and with the reason why the row cannot be used, if any.
{% set raw = raw_columns('ad_performance') -%}

with

{{ raw_rows('ad_performance', raw) }},

cleaned_rows as {{ inlined() }} (
    select
        raw_rows.*,

        -- ids
        {{ clean_brand(raw.brand) }} as brand,
        {{ clean_id(raw.campaign_id) }} as campaign_id,

        -- attributes
        {{ clean_text(raw.platform) }} as platform,
        {{ clean_currency('ad_performance', raw) }} as currency,

        -- numbers
        {{ clean_count(raw.impressions) }} as impressions,
        {{ clean_count(raw.clicks) }} as clicks,
        {{ clean_amount(raw.spend_amount) }} as spend_amount,
        {{ clean_number(raw.platform_conversions) }} as platform_conversions,

        -- times
        {{ clean_date(raw.date) }} as date_day,
        {{ clean_timestamp(raw.loaded_at) }} as loaded_at,
        {{ clean_timestamp(raw.deleted_at) }} as deleted_at
    from raw_rows
),

{{ checked_rows('ad_performance', raw) }},

{{ validated_rows(
    'ad_performance', raw,
    rates=ref('customer_lifecycle', 'base_calendar__exchange_rates')
) }},

base_marketing__ad_performance as (
    select
        brand, date_day, campaign_id, platform, impressions, clicks, spend_amount, currency, platform_conversions,
        reporting_rate,
        loaded_at, deleted_at, deleted_date, main_date, record_key,
        loaded_batch, raw_fingerprint, cleaning_rules, rejection_reason, cleaning_failures, raw_row
    from validated_rows
)

select * from base_marketing__ad_performance
