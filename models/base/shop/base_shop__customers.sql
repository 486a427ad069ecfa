-- One row per raw row of customers: cleaned, and with the reason why the row cannot be used, if any.
{% set raw = raw_columns('customers') -%}

with

country_aliases as (
    select * from {{ seed('country_aliases') }}
),

{{ raw_rows('customers', raw) }},

cleaned_rows as {{ inlined() }} (
    select
        raw_rows.*,

        -- ids
        {{ clean_brand(raw.brand) }} as brand,
        {{ clean_customer_id(raw.customer_id) }} as customer_id,
        {{ clean_email(raw.email) }} as email,

        -- attributes
        {{ raw.phone.as_text if raw.phone else 'cast(null as ' ~ text_type() ~ ')' }} as phone,
        {{ clean_text(raw.first_name) }} as first_name,
        {{ clean_text(raw.last_name) }} as last_name,
        {{ clean_code(raw.country_code) }} as country_spelling,
        {{ clean_text(raw.city) }} as city,
        {{ clean_text(raw.segment) }} as segment,
        {{ clean_text(raw.acquisition_source) }} as acquisition_source,

        -- booleans
        {{ clean_boolean(raw.marketing_consent) }} as marketing_consent,
        {{ clean_boolean(raw.is_test) }} as is_test,

        -- times
        {{ clean_timestamp(raw.created_at) }} as created_at,
        {{ clean_timestamp(raw.updated_at) }} as updated_at,
        {{ clean_timestamp(raw.loaded_at) }} as loaded_at,
        {{ clean_timestamp(raw.deleted_at) }} as deleted_at
    from raw_rows
),

rows_with_country as {{ inlined() }} (
    select
        cleaned_rows.*,
        country_aliases.country_code
    from cleaned_rows
    left join country_aliases on cleaned_rows.country_spelling = country_aliases.alias
),

{{ checked_rows('customers', raw, rows='rows_with_country') }},

{{ validated_rows('customers', raw) }},

base_shop__customers as (
    select
        brand, customer_id, email, phone, first_name, last_name, created_at, created_date, country_code, city, segment,
        acquisition_source, marketing_consent, is_test, updated_at, updated_date,
        {{ person_id('brand', customer_id='customer_id', email='email') }} as person_id,
        {{ person_id('brand', email='email') }} as email_person_id,
        loaded_at, deleted_at, deleted_date, main_date, record_key,
        loaded_batch, raw_fingerprint, cleaning_rules, rejection_reason, cleaning_failures, raw_row
    from validated_rows
)

select * from base_shop__customers
