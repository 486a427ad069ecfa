-- One row per order that can be used and is known by the as-of date.
with

rows_with_outcome as (
    {{ row_outcomes('orders', excluded_ids=ref('customer_lifecycle', 'int_excluded_ids')) }}
),

stg_shop__orders as (
    select
        -- ids
        brand,
        order_id,
        customer_id,
        cart_id,
        affiliate_id,
        person_id,
        email_person_id,

        -- attributes
        email,
        status,
        status_effect,
        currency,
        discount_code,
        sales_channel,

        -- numbers
        subtotal_amount,
        discount_amount,
        shipping_amount,
        tax_amount,
        total_amount,
        gift_card_amount,
        reporting_rate,

        -- booleans
        is_test,
        is_engagement,

        -- times
        ordered_at,
        ordered_date,
        cancelled_at,
        cancelled_date,
        updated_at,
        updated_date,
        loaded_at,
        deleted_at,
        deleted_date
    from rows_with_outcome
    where outcome = 'accepted'
)

select * from stg_shop__orders
