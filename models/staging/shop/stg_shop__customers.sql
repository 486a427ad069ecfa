-- One row per customer that can be used and is known by the as-of date.
with

rows_with_outcome as (
    {{ row_outcomes('customers', excluded_ids=ref('customer_lifecycle', 'int_excluded_ids')) }}
),

stg_shop__customers as (
    select
        -- ids
        brand,
        customer_id,
        person_id,
        email_person_id,

        -- attributes
        email,
        phone,
        first_name,
        last_name,
        country_code,
        city,
        segment,
        acquisition_source,

        -- booleans
        marketing_consent,
        is_test,

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

select * from stg_shop__customers
