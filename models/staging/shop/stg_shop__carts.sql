-- One row per cart that can be used and is known by the as-of date.
with

rows_judged as (
    {{ judged_rows('carts') }}
),

stg_shop__carts as (
    select
        -- ids
        brand,
        cart_id,
        customer_id,
        anonymous_id,
        order_id,
        person_id,
        anonymous_person_id,

        -- attributes
        last_step,
        currency,

        -- numbers
        value_amount,
        reporting_rate,

        -- times
        created_at,
        created_date,
        updated_at,
        updated_date,
        loaded_at,
        deleted_at,
        deleted_date
    from rows_judged
    where outcome = 'accepted'
)

select * from stg_shop__carts
