-- One row per review that can be used and is known by the as-of date.
with

rows_with_outcome as (
    {{ row_outcomes('reviews', excluded_ids=ref('customer_lifecycle', 'int_excluded_ids')) }}
),

stg_feedback__reviews as (
    select
        -- ids
        brand,
        review_id,
        customer_id,
        product_id,
        person_id,

        -- numbers
        rating,

        -- booleans
        is_user_content,

        -- times
        published_at,
        published_date,
        loaded_at,
        deleted_at,
        deleted_date
    from rows_with_outcome
    where outcome = 'accepted'
)

select * from stg_feedback__reviews
