-- One row per raw row of orders: cleaned, and with the reason why the row cannot be used, if any.
{% set raw = raw_columns('orders') -%}

with

-- 'On Hold', 'on-hold', 'on_hold' and 'wc-on-hold' are one
order_statuses as (
    select
        {{ spelling_of('status') }} as status,
        min(effect) as effect,
        min(case when is_engagement then 1 else 0 end) = 1 as is_engagement
    from {{ seed('order_statuses') }}
    group by 1
),

{{ raw_rows('orders', raw) }},

cleaned_rows as {{ inlined() }} (
    select
        raw_rows.*,

        -- ids
        {{ clean_brand(raw.brand) }} as brand,
        {{ clean_id(raw.order_id) }} as order_id,
        {{ clean_customer_id(raw.customer_id) }} as customer_id,
        {{ clean_email(raw.email) }} as email,
        {{ without_placeholder(clean_id(raw.cart_id)) }} as cart_id,
        {{ without_placeholder(clean_id(raw.affiliate_id)) }} as affiliate_id,

        -- attributes
        {{ clean_code(raw.status) }} as status,
        {{ clean_currency('orders', raw) }} as currency,
        {{ without_placeholder(clean_text(raw.discount_code)) }} as discount_code,
        {{ clean_text(raw.sales_channel) }} as sales_channel,

        -- numbers
        {{ clean_amount(raw.subtotal_amount) }} as subtotal_amount,
        {{ clean_amount(raw.discount_amount) }} as discount_amount,
        {{ clean_amount(raw.shipping_amount) }} as shipping_amount,
        {{ clean_amount(raw.tax_amount) }} as tax_amount,
        {{ clean_amount(raw.total_amount) }} as total_amount,
        {{ clean_amount(raw.gift_card_amount) }} as gift_card_amount,

        -- booleans
        {{ clean_boolean(raw.is_test) }} as is_test,

        -- times
        {{ clean_timestamp(raw.ordered_at) }} as ordered_at,
        {{ clean_timestamp(raw.cancelled_at) }} as cancelled_at,
        {{ clean_timestamp(raw.updated_at) }} as updated_at,
        {{ clean_timestamp(raw.loaded_at) }} as loaded_at,
        {{ clean_timestamp(raw.deleted_at) }} as deleted_at
    from raw_rows
),

{{ checked_rows('orders', raw) }},

rows_with_status as {{ inlined() }} (
    select
        checked_rows.*,
        case when checked_rows.status is null then 'purchase' else order_statuses.effect end as status_effect,
        case when checked_rows.status is null then true else order_statuses.is_engagement end as is_engagement
    from checked_rows
    left join order_statuses on {{ spelling_of('checked_rows.status', prefix='wc-') }} = order_statuses.status
),

{{ validated_rows(
    'orders', raw,
    rows='rows_with_status',
    invalid_if='status_effect is null',
    rates=ref('customer_lifecycle', 'base_calendar__exchange_rates'),
    rejected_customers=ref('customer_lifecycle', 'base_shop__rejected_customers')
) }},

base_shop__orders as (
    select
        brand, order_id, customer_id, email, ordered_at, ordered_date, status, currency, subtotal_amount,
        discount_amount, shipping_amount, tax_amount, total_amount, gift_card_amount, cancelled_at, cancelled_date,
        cart_id, discount_code, affiliate_id, sales_channel, is_test, updated_at, updated_date, status_effect, is_engagement,
        reporting_rate,
        {{ person_id('brand', customer_id='customer_id', email='email') }} as person_id,
        {{ person_id('brand', email='email') }} as email_person_id,
        loaded_at, deleted_at, deleted_date, main_date, record_key,
        loaded_batch, raw_fingerprint, cleaning_rules, rejection_reason, cleaning_failures, raw_row
    from validated_rows
)

select * from base_shop__orders
