-- One row per raw row of carts: cleaned, and with the reason why the row cannot be used, if any.
{% set raw = raw_columns('carts') -%}

with

{{ raw_rows('carts', raw) }},

cleaned_rows as {{ inlined() }} (
    select
        raw_rows.*,

        -- ids
        {{ clean_brand(raw.brand) }} as brand,
        {{ clean_id(raw.cart_id) }} as cart_id,
        {{ clean_customer_id(raw.customer_id) }} as customer_id,
        {{ clean_anonymous_id(raw.anonymous_id) }} as anonymous_id,
        {{ without_placeholder(clean_id(raw.order_id)) }} as order_id,

        -- attributes
        {{ clean_code(raw.last_step) }} as last_step,
        {{ clean_currency('carts', raw) }} as currency,

        -- numbers
        {{ clean_amount(raw.value_amount) }} as value_amount,

        -- booleans
        {{ clean_boolean(raw.is_bot) }} as is_bot,

        -- times
        {{ clean_timestamp(raw.created_at) }} as created_at,
        {{ clean_timestamp(raw.updated_at) }} as updated_at,
        {{ clean_timestamp(raw.loaded_at) }} as loaded_at,
        {{ clean_timestamp(raw.deleted_at) }} as deleted_at
    from raw_rows
),

{{ checked_rows('carts', raw) }},

{{ validated_rows(
    'carts', raw,
    rates=ref('customer_lifecycle', 'base_calendar__exchange_rates'),
    rejected_customers=ref('customer_lifecycle', 'base_shop__rejected_customers')
) }},

base_shop__carts as (
    select
        brand, cart_id, customer_id, anonymous_id, created_at, created_date, updated_at, updated_date, last_step,
        value_amount, currency, order_id, is_bot, reporting_rate,
        {{ person_id('brand', customer_id='customer_id', anonymous_id='anonymous_id') }} as person_id,
        {{ person_id('brand', anonymous_id='anonymous_id') }} as anonymous_person_id,
        loaded_at, deleted_at, deleted_date, main_date, record_key,
        loaded_batch, raw_fingerprint, cleaning_rules, rejection_reason, cleaning_failures, raw_row
    from validated_rows
)

select * from base_shop__carts
