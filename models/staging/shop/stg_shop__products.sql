-- One row per product that can be used and is known by the as-of date.
with

rows_with_outcome as (
    {{ row_outcomes('products') }}
),

stg_shop__products as (
    select
        -- ids
        brand,
        product_id,

        -- attributes
        name,
        category,
        currency,

        -- numbers
        unit_cost,
        reporting_rate,

        -- booleans
        is_gift_card,

        -- times
        loaded_at,
        deleted_at,
        deleted_date
    from rows_with_outcome
    where outcome = 'accepted'
)

select * from stg_shop__products
