-- One row per raw row of products: cleaned, and with the reason why the row cannot be used, if any.
{% set raw = raw_columns('products') -%}

with

{{ raw_rows('products', raw) }},

cleaned_rows as {{ inlined() }} (
    select
        raw_rows.*,

        -- ids
        {{ clean_brand(raw.brand) }} as brand,
        {{ clean_id(raw.product_id) }} as product_id,

        -- attributes
        {{ clean_text(raw.name) }} as name,
        {{ clean_text(raw.category) }} as category,
        {{ clean_currency('products', raw) }} as currency,

        -- numbers
        {{ clean_amount(raw.unit_cost) }} as unit_cost,

        -- booleans
        {{ clean_boolean(raw.is_gift_card) }} as is_gift_card,

        -- times
        {{ clean_timestamp(raw.loaded_at) }} as loaded_at,
        {{ clean_timestamp(raw.deleted_at) }} as deleted_at
    from raw_rows
),

{{ checked_rows('products', raw) }},

{{ validated_rows(
    'products', raw,
    rates=ref('customer_lifecycle', 'base_calendar__exchange_rates')
) }},

base_shop__products as (
    select
        brand, product_id, name, category, is_gift_card, unit_cost, currency, reporting_rate,
        loaded_at, deleted_at, deleted_date, main_date, record_key,
        loaded_batch, raw_fingerprint, cleaning_rules, rejection_reason, cleaning_failures, raw_row
    from validated_rows
)

select * from base_shop__products
