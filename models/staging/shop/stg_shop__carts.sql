-- One row per cart that can be used and is known by the as-of date.
with

rows_with_outcome as (
    {{ row_outcomes(
        'carts',
        excluded_ids=ref('customer_lifecycle', 'int_excluded_ids'),
        machine_rows=ref('customer_lifecycle', 'stg_marketing__machine_rows')
    ) }}
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
    from rows_with_outcome
    where outcome = 'accepted'
)

select * from stg_shop__carts
