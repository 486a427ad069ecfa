-- One row per refund that can be used and is known by the as-of date.
with

rows_judged as (
    {{ judged_rows('refunds') }}
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

        -- times
        refunded_at,
        refunded_date,
        loaded_at,
        deleted_at,
        deleted_date
    from rows_judged
    where outcome = 'accepted'
)

select * from stg_shop__refunds
