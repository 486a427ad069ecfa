-- One row per refund that can be used and is known by the as-of date.
with

rows_with_outcome as (
    {{ row_outcomes('refunds', order_outcomes=ref('customer_lifecycle', 'stg_shop__order_outcomes')) }}
),

stg_shop__refunds as (
    select
        -- ids
        brand,
        refund_id,
        order_id,

        -- attributes
        reason,

        -- numbers
        amount,
        goods_amount,
        shipping_amount,
        tax_amount,
        refunded_goods_amount,

        -- times
        refunded_at,
        refunded_date,
        loaded_at,
        deleted_at,
        deleted_date
    from rows_with_outcome
    where outcome = 'accepted'
)

select * from stg_shop__refunds
