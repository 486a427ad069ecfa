-- One row per raw row of engagements: cleaned, and with the reason why the row cannot be used, if any.
{% set raw = raw_columns('engagements') -%}

with

{{ raw_rows('engagements', raw) }},

cleaned_rows as {{ inlined() }} (
    select
        raw_rows.*,

        -- ids
        {{ clean_brand(raw.brand) }} as brand,
        {{ clean_id(raw.engagement_id) }} as engagement_id,
        {{ clean_customer_id(raw.customer_id) }} as customer_id,
        {{ clean_anonymous_id(raw.anonymous_id) }} as anonymous_id,
        {{ clean_email(raw.email) }} as email,
        {{ clean_id(raw.campaign_id) }} as campaign_id,

        -- attributes
        {{ spelling_of(clean_code(raw.engagement_type)) }} as engagement_type,
        {{ clean_text(raw.channel) }} as channel,

        -- booleans
        {{ clean_boolean(raw.is_bot) }} as is_bot,

        -- times
        {{ clean_timestamp(raw.occurred_at) }} as occurred_at,
        {{ clean_timestamp(raw.loaded_at) }} as loaded_at,
        {{ clean_timestamp(raw.deleted_at) }} as deleted_at
    from raw_rows
),

{{ checked_rows('engagements', raw) }},

{{ validated_rows(
    'engagements', raw,
    rejected_customers=ref('customer_lifecycle', 'base_shop__rejected_customers')
) }},

base_marketing__engagements as (
    select
        brand, engagement_id, occurred_at, occurred_date, customer_id, anonymous_id, email, engagement_type, channel,
        campaign_id, is_bot,
        {{ person_id('brand', customer_id='customer_id', anonymous_id='anonymous_id', email='email') }} as person_id,
        {{ person_id('brand', anonymous_id='anonymous_id') }} as anonymous_person_id,
        {{ person_id('brand', email='email') }} as email_person_id,
        loaded_at, deleted_at, deleted_date, main_date, record_key,
        loaded_batch, raw_fingerprint, cleaning_rules, rejection_reason, cleaning_failures, raw_row
    from validated_rows
)

select * from base_marketing__engagements
