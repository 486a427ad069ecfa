-- One row per raw row of social_daily: cleaned, and with the reason why the row cannot be used, if any.
{% set raw = raw_columns('social_daily') -%}

with

{{ raw_rows('social_daily', raw) }},

cleaned_rows as {{ inlined() }} (
    select
        raw_rows.*,

        -- ids
        {{ clean_brand(raw.brand) }} as brand,

        -- attributes
        {{ clean_code(raw.platform) }} as platform,

        -- numbers
        {{ clean_count(raw.impressions) }} as impressions,
        {{ clean_count(raw.followers_total) }} as followers_total,
        {{ clean_count(raw.likes) }} as likes,
        {{ clean_count(raw.comments) }} as comments,
        {{ clean_count(raw.shares) }} as shares,
        {{ clean_count(raw.mentions) }} as mentions,

        -- booleans
        {{ clean_boolean(raw.is_paid) }} as is_paid,

        -- times
        {{ clean_date(raw.date) }} as date_day,
        {{ clean_timestamp(raw.loaded_at) }} as loaded_at,
        {{ clean_timestamp(raw.deleted_at) }} as deleted_at
    from raw_rows
),

{{ checked_rows('social_daily', raw) }},

{{ validated_rows('social_daily', raw) }},

base_marketing__social_daily as (
    select
        brand, date_day, platform, is_paid, impressions, followers_total, likes, comments, shares, mentions,
        loaded_at, deleted_at, deleted_date, main_date, record_key,
        loaded_batch, raw_fingerprint, cleaning_rules, rejection_reason, cleaning_failures, raw_row
    from validated_rows
)

select * from base_marketing__social_daily
