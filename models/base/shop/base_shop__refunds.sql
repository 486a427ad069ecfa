-- One row per raw row of refunds: cleaned, and with the reason why the row cannot be used, if any.
{% set raw = raw_columns('refunds') -%}

with

{{ raw_rows('refunds', raw) }},

cleaned_rows as {{ inlined() }} (
    select
        raw_rows.*,

        -- ids
        {{ clean_brand(raw.brand) }} as brand,
        {{ clean_id(raw.refund_id) }} as refund_id,
        {{ clean_id(raw.order_id) }} as order_id,

        -- attributes
        {{ without_phones(clean_text(raw.reason)) }} as reason,

        -- numbers
        {{ clean_amount(raw.amount) }} as amount,
        {{ clean_amount(raw.goods_amount) }} as goods_amount,
        {{ clean_amount(raw.shipping_amount) }} as shipping_amount,
        {{ clean_amount(raw.tax_amount) }} as tax_amount,

        -- times
        {{ clean_timestamp(raw.refunded_at) }} as refunded_at,
        {{ clean_timestamp(raw.loaded_at) }} as loaded_at,
        {{ clean_timestamp(raw.deleted_at) }} as deleted_at
    from raw_rows
),

{{ checked_rows('refunds', raw) }},

rows_with_parts as {{ inlined() }} (
    select
        *,
        coalesce(goods_amount, 0) + coalesce(shipping_amount, 0) + coalesce(tax_amount, 0) as parts_amount,
        goods_amount + shipping_amount + tax_amount is not null as has_all_parts,
        -- null: the refund does not say what it is for
        coalesce(
            goods_amount,
            case
                when coalesce(shipping_amount, tax_amount) is not null
                    then amount - coalesce(shipping_amount, 0) - coalesce(tax_amount, 0)
            end
        ) as refunded_goods_amount
    from checked_rows
),

{{ validated_rows(
    'refunds', raw,
    rows='rows_with_parts',
    invalid_if='parts_amount > amount + 0.01 or has_all_parts and parts_amount < amount - 0.01',
    invalid_reason='contradictory_amounts'
) }},

base_shop__refunds as (
    select
        brand, refund_id, order_id, refunded_at, refunded_date, amount, goods_amount, shipping_amount, tax_amount,
        cast(case when refunded_goods_amount > amount then amount else refunded_goods_amount end as decimal(18, 2))
            as refunded_goods_amount,
        reason,
        loaded_at, deleted_at, deleted_date, main_date, record_key,
        loaded_batch, raw_fingerprint, cleaning_rules, rejection_reason, cleaning_failures, raw_row
    from validated_rows
)

select * from base_shop__refunds
