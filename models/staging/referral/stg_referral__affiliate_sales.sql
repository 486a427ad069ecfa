-- One row per affiliate sale that can be used and is known by the as-of date.
with

rows_judged as (
    {{ judged_rows('affiliate_sales') }}
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
    from rows_judged
    where outcome = 'accepted'
)

select * from stg_referral__affiliate_sales
