-- One row per raw row of campaigns: cleaned, and with the reason why the row cannot be used, if any.
{% set raw = raw_columns('campaigns') -%}

with

{{ raw_rows('campaigns', raw) }},

cleaned_rows as {{ inlined() }} (
    select
        raw_rows.*,

        -- ids
        {{ clean_brand(raw.brand) }} as brand,
        {{ clean_id(raw.campaign_id) }} as campaign_id,
        {{ clean_id(raw.parent_campaign_id) }} as parent_campaign_id,

        -- attributes
        {{ clean_text(raw.name) }} as name,
        {{ clean_text(raw.channel) }} as channel,
        {{ clean_text(raw.platform) }} as platform,
        {{ clean_text(raw.objective) }} as objective,

        -- times
        {{ clean_timestamp(raw.started_at) }} as started_at,
        {{ clean_timestamp(raw.ended_at) }} as ended_at,
        {{ clean_timestamp(raw.loaded_at) }} as loaded_at,
        {{ clean_timestamp(raw.deleted_at) }} as deleted_at
    from raw_rows
),

{{ checked_rows('campaigns', raw) }},

{{ validated_rows('campaigns', raw) }},

base_marketing__campaigns as (
    select
        brand, campaign_id, name, channel, platform, objective, started_at, started_date, ended_at, ended_date,
        parent_campaign_id,
        loaded_at, deleted_at, deleted_date, main_date, record_key,
        loaded_batch, raw_fingerprint, cleaning_rules, rejection_reason, cleaning_failures, raw_row
    from validated_rows
)

select * from base_marketing__campaigns
