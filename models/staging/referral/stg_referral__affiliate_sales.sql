-- One row per affiliate sale that can be used and is known by the as-of date.
with

rows_with_outcome as (
    {{ row_outcomes(
        'affiliate_sales',
        excluded_ids=ref('customer_lifecycle', 'int_excluded_ids'),
        order_outcomes=ref('customer_lifecycle', 'stg_shop__order_outcomes')
    ) }}
),

stg_referral__affiliate_sales as (
    select
        -- ids
        brand,
        affiliate_sale_id,
        affiliate_id,
        order_id,
        affiliate_customer_id,
        affiliate_person_id,

        -- attributes
        currency,
        status,

        -- numbers
        commission_amount,
        reporting_rate,

        -- times
        occurred_at,
        occurred_date,
        loaded_at,
        deleted_at,
        deleted_date
    from rows_with_outcome
    where outcome = 'accepted'
)

select * from stg_referral__affiliate_sales
