-- One row per raw row of support_tickets: cleaned, and with the reason why the row cannot be used, if any.
{% set raw = raw_columns('support_tickets') -%}

with

{{ raw_rows('support_tickets', raw) }},

cleaned_rows as {{ inlined() }} (
    select
        raw_rows.*,

        -- ids
        {{ clean_brand(raw.brand) }} as brand,
        {{ clean_id(raw.ticket_id) }} as ticket_id,
        {{ clean_customer_id(raw.customer_id) }} as customer_id,
        {{ clean_email(raw.email) }} as email,

        -- attributes
        {{ clean_text(raw.category) }} as category,

        -- numbers
        {{ clean_count(raw.reopened_count) }} as reopened_count,

        -- times
        {{ clean_timestamp(raw.created_at) }} as created_at,
        {{ clean_timestamp(raw.first_response_at) }} as first_response_at,
        {{ clean_timestamp(raw.resolved_at) }} as resolved_at,
        {{ clean_timestamp(raw.loaded_at) }} as loaded_at,
        {{ clean_timestamp(raw.deleted_at) }} as deleted_at
    from raw_rows
),

{{ checked_rows('support_tickets', raw) }},

{{ validated_rows(
    'support_tickets', raw,
    rejected_customers=ref('customer_lifecycle', 'base_shop__rejected_customers')
) }},

base_feedback__support_tickets as (
    select
        brand, ticket_id, created_at, created_date, customer_id, email, category, first_response_at,
        first_response_date, resolved_at, resolved_date, reopened_count,
        {{ person_id('brand', customer_id='customer_id', email='email') }} as person_id,
        {{ person_id('brand', email='email') }} as email_person_id,
        loaded_at, deleted_at, deleted_date, main_date, record_key,
        loaded_batch, raw_fingerprint, cleaning_rules, rejection_reason, cleaning_failures, raw_row
    from validated_rows
)

select * from base_feedback__support_tickets
