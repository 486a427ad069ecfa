-- One row per raw row of erasure_requests: cleaned, and with the reason why the row cannot be used, if any.
{% set raw = raw_columns('erasure_requests') -%}

with

{{ raw_rows('erasure_requests', raw) }},

cleaned_rows as {{ inlined() }} (
    select
        raw_rows.*,

        -- ids
        {{ clean_brand(raw.brand) }} as brand,
        {{ clean_id(raw.request_id) }} as request_id,
        {{ clean_customer_id(raw.customer_id) }} as customer_id,
        {{ clean_email(raw.email) }} as email,

        -- times
        {{ clean_timestamp(raw.requested_at) }} as requested_at,
        {{ clean_timestamp(raw.loaded_at) }} as loaded_at,
        {{ clean_timestamp(raw.deleted_at) }} as deleted_at
    from raw_rows
),

{{ checked_rows('erasure_requests', raw) }},

{{ validated_rows('erasure_requests', raw) }},

base_identity__erasure_requests as (
    select
        brand, request_id, requested_at, requested_date, customer_id, email,
        {{ person_id('brand', customer_id='customer_id', email='email') }} as person_id,
        {{ person_id('brand', email='email') }} as email_person_id,
        loaded_at, deleted_at, deleted_date, main_date, record_key,
        loaded_batch, raw_fingerprint, cleaning_rules, rejection_reason, cleaning_failures, raw_row
    from validated_rows
)

select * from base_identity__erasure_requests
