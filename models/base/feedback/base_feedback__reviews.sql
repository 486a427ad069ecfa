-- One row per raw row of reviews: cleaned, and with the reason why the row cannot be used, if any.
{% set raw = raw_columns('reviews') -%}

with

{{ raw_rows('reviews', raw) }},

cleaned_rows as {{ inlined() }} (
    select
        raw_rows.*,

        -- ids
        {{ clean_brand(raw.brand) }} as brand,
        {{ clean_id(raw.review_id) }} as review_id,
        {{ clean_customer_id(raw.customer_id) }} as customer_id,
        {{ clean_id(raw.product_id) }} as product_id,

        -- numbers
        {{ clean_number(raw.rating, is_small=true) }} as rating,

        -- booleans
        {{ clean_boolean(raw.is_user_content) }} as is_user_content,

        -- times
        {{ clean_timestamp(raw.published_at) }} as published_at,
        {{ clean_timestamp(raw.loaded_at) }} as loaded_at,
        {{ clean_timestamp(raw.deleted_at) }} as deleted_at
    from raw_rows
),

{{ checked_rows('reviews', raw) }},

{{ validated_rows(
    'reviews', raw,
    rejected_customers=ref('customer_lifecycle', 'base_shop__rejected_customers')
) }},

base_feedback__reviews as (
    select
        brand, review_id, customer_id, product_id, rating, published_at, published_date, is_user_content,
        {{ person_id('brand', customer_id='customer_id') }} as person_id,
        loaded_at, deleted_at, deleted_date, main_date, record_key,
        loaded_batch, raw_fingerprint, cleaning_rules, rejection_reason, cleaning_failures, raw_row
    from validated_rows
)

select * from base_feedback__reviews
