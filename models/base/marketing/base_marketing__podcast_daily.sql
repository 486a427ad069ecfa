-- One row per raw row of podcast_daily: cleaned, and with the reason why the row cannot be used, if any.
{% set raw = raw_columns('podcast_daily') -%}

with

{{ raw_rows('podcast_daily', raw) }},

cleaned_rows as {{ inlined() }} (
    select
        raw_rows.*,

        -- ids
        {{ clean_brand(raw.brand) }} as brand,
        {{ clean_id(raw.episode_id) }} as episode_id,

        -- attributes
        {{ clean_code(raw.platform) }} as platform,

        -- numbers
        {{ clean_count(raw.listeners) }} as listeners,
        {{ clean_count(raw.downloads) }} as downloads,

        -- times
        {{ clean_date(raw.date) }} as date_day,
        {{ clean_timestamp(raw.loaded_at) }} as loaded_at,
        {{ clean_timestamp(raw.deleted_at) }} as deleted_at
    from raw_rows
),

{{ checked_rows('podcast_daily', raw) }},

{{ validated_rows('podcast_daily', raw) }},

base_marketing__podcast_daily as (
    select
        brand, date_day, platform, episode_id, listeners, downloads,
        loaded_at, deleted_at, deleted_date, main_date, record_key,
        loaded_batch, raw_fingerprint, cleaning_rules, rejection_reason, cleaning_failures, raw_row
    from validated_rows
)

select * from base_marketing__podcast_daily
