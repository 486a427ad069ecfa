-- One row per erasure request that can be used and is known by the as-of date.
with

rows_with_outcome as (
    {{ row_outcomes('erasure_requests') }}
),

stg_identity__erasure_requests as (
    select
        -- ids
        brand,
        request_id,
        customer_id,
        person_id,
        email_person_id,

        -- attributes
        email,

        -- times
        requested_at,
        requested_date,
        loaded_at,
        deleted_at,
        deleted_date
    from rows_with_outcome
    where outcome = 'accepted'
)

select * from stg_identity__erasure_requests
