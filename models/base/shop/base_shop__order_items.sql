-- One row per raw row of order_items: cleaned, and with the reason why the row cannot be used, if any.
{% set raw = raw_columns('order_items') -%}

with

{{ raw_rows('order_items', raw) }},

cleaned_rows as {{ inlined() }} (
    select
        raw_rows.*,

        -- ids
        {{ clean_brand(raw.brand) }} as brand,
        {{ clean_id(raw.order_item_id) }} as order_item_id,
        {{ clean_id(raw.order_id) }} as order_id,
        {{ clean_id(raw.product_id) }} as product_id,

        -- numbers
        {{ clean_number(raw.quantity) }} as quantity,
        {{ clean_amount(raw.unit_price) }} as unit_price,
        {{ clean_amount(raw.discount_amount) }} as discount_amount,

        -- booleans
        {{ clean_boolean(raw.is_gift_card) }} as is_gift_card,

        -- times
        {{ clean_timestamp(raw.loaded_at) }} as loaded_at,
        {{ clean_timestamp(raw.deleted_at) }} as deleted_at
    from raw_rows
),

{{ checked_rows('order_items', raw) }},

{{ validated_rows('order_items', raw) }},

base_shop__order_items as (
    select
        brand, order_item_id, order_id, product_id, quantity, unit_price, discount_amount, is_gift_card,
        loaded_at, deleted_at, deleted_date, main_date, record_key,
        loaded_batch, raw_fingerprint, cleaning_rules, rejection_reason, cleaning_failures, raw_row
    from validated_rows
)

select * from base_shop__order_items
