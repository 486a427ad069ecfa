-- One row per support ticket that can be used and is known by the as-of date.
with

rows_with_outcome as (
    {{ row_outcomes('support_tickets', excluded_ids=ref('customer_lifecycle', 'int_excluded_ids')) }}
),

stg_feedback__support_tickets as (
    select
        -- ids
        brand,
        ticket_id,
        customer_id,
        person_id,
        email_person_id,

        -- attributes
        email,
        category,

        -- numbers
        reopened_count,

        -- times
        created_at,
        created_date,
        first_response_at,
        first_response_date,
        resolved_at,
        resolved_date,
        loaded_at,
        deleted_at,
        deleted_date
    from rows_with_outcome
    where outcome = 'accepted'
)

select * from stg_feedback__support_tickets
