-- One row per raw row of affiliate_sales: cleaned, and with the reason why the row cannot be used, if any.
{% set raw = raw_columns('affiliate_sales') -%}

with

{{ raw_rows('affiliate_sales', raw) }},

cleaned_rows as {{ inlined() }} (
    select
        raw_rows.*,

        -- ids
        {{ clean_brand(raw.brand) }} as brand,
        {{ clean_id(raw.affiliate_sale_id) }} as affiliate_sale_id,
        {{ clean_id(raw.affiliate_id) }} as affiliate_id,
        {{ clean_id(raw.order_id) }} as order_id,
        {{ clean_customer_id(raw.affiliate_customer_id) }} as affiliate_customer_id,

        -- attributes
        {{ clean_currency('affiliate_sales', raw) }} as currency,
        {{ clean_code(raw.status) }} as status,

        -- numbers
        {{ clean_amount(raw.commission_amount) }} as commission_amount,

        -- times
        {{ clean_timestamp(raw.occurred_at) }} as occurred_at,
        {{ clean_timestamp(raw.loaded_at) }} as loaded_at,
        {{ clean_timestamp(raw.deleted_at) }} as deleted_at
    from raw_rows
),

{{ checked_rows('affiliate_sales', raw) }},

{{ validated_rows(
    'affiliate_sales', raw,
    rates=ref('customer_lifecycle', 'base_calendar__exchange_rates'),
    rejected_customers=ref('customer_lifecycle', 'base_shop__rejected_customers')
) }},

base_referral__affiliate_sales as (
    select
        brand, affiliate_sale_id, affiliate_id, order_id, occurred_at, occurred_date, commission_amount, currency,
        status, affiliate_customer_id, reporting_rate,
        {{ person_id('brand', customer_id='affiliate_customer_id') }} as affiliate_person_id,
        loaded_at, deleted_at, deleted_date, main_date, record_key,
        loaded_batch, raw_fingerprint, cleaning_rules, rejection_reason, cleaning_failures, raw_row
    from validated_rows
)

select * from base_referral__affiliate_sales
