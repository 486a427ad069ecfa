-- One row per raw row of survey_responses: cleaned, and with the reason why the row cannot be used, if any.
{% set raw = raw_columns('survey_responses') -%}

with

{{ raw_rows('survey_responses', raw) }},

cleaned_rows as {{ inlined() }} (
    select
        raw_rows.*,

        -- ids
        {{ clean_brand(raw.brand) }} as brand,
        {{ clean_id(raw.response_id) }} as response_id,
        {{ clean_customer_id(raw.customer_id) }} as customer_id,
        {{ clean_email(raw.email) }} as email,

        -- attributes
        {{ clean_code(raw.survey_type) }} as survey_type,
        {{ clean_code(raw.touchpoint) }} as touchpoint,
        {{ without_phones(clean_text(raw.reason)) }} as reason,
        {{ clean_text(raw.comment) }} as comment,

        -- numbers
        {{ clean_number(raw.score, is_small=true) }} as score,
        {{ clean_number(raw.scale_max, is_small=true) }} as scale_max,

        -- times
        {{ clean_timestamp(raw.responded_at) }} as responded_at,
        {{ clean_timestamp(raw.loaded_at) }} as loaded_at,
        {{ clean_timestamp(raw.deleted_at) }} as deleted_at
    from raw_rows
),

{{ checked_rows('survey_responses', raw) }},

{{ validated_rows(
    'survey_responses', raw,
    rejected_customers=ref('customer_lifecycle', 'base_shop__rejected_customers')
) }},

base_feedback__survey_responses as (
    select
        brand, response_id, responded_at, responded_date, customer_id, email, survey_type, score, scale_max, touchpoint,
        reason, comment,
        {{ person_id('brand', customer_id='customer_id', email='email') }} as person_id,
        {{ person_id('brand', email='email') }} as email_person_id,
        loaded_at, deleted_at, deleted_date, main_date, record_key,
        loaded_batch, raw_fingerprint, cleaning_rules, rejection_reason, cleaning_failures, raw_row
    from validated_rows
)

select * from base_feedback__survey_responses
