-- One row per support ticket that counts at the as-of date, with whose it is and how long it has taken.
with

as_of as (
    select as_of_date from {{ ref('stg_calendar__as_of_date') }}
),

memberships as (
    select * from {{ ref('int_identity_memberships') }}
    where valid_to = {{ end_of_time() }}
),

tickets as (
    select
        tickets.brand,
        tickets.ticket_id,
        memberships.customer_key,
        coalesce(tickets.category, 'unknown') as category,
        coalesce(tickets.reopened_count, 0) as reopened_count,
        tickets.created_at,
        tickets.created_date,
        case when tickets.first_response_date <= as_of.as_of_date then tickets.first_response_at end as first_response_at,
        case when tickets.resolved_date <= as_of.as_of_date then tickets.resolved_at end as resolved_at
    from {{ ref('stg_feedback__support_tickets') }} as tickets
    cross join as_of
    left join {{ ref('int_identity_shared_ids') }} as shared_ids
        on tickets.person_id = shared_ids.person_id and tickets.created_date >= shared_ids.shared_from_date
    left join memberships on tickets.person_id = memberships.person_id and shared_ids.person_id is null
    where
        {{ known_until('tickets.deleted_date', 'as_of.as_of_date') }} = {{ end_of_time() }}
        -- an id that has become a test account's needs no support; who gave no id, or a shared one, does
        and (tickets.person_id is null or shared_ids.person_id is not null or memberships.customer_key is not null)
),

int_support_tickets as (
    select
        brand,
        ticket_id,
        customer_key,
        category,
        reopened_count,
        first_response_at is not null as is_answered,
        resolved_at is not null as is_resolved,
        -- a moment before the ticket's own says nothing about time
        case when first_response_at >= created_at then {{ seconds_between('created_at', 'first_response_at') }} / 3600 end
            as first_response_hours,
        case when resolved_at >= created_at then {{ seconds_between('created_at', 'resolved_at') }} / 3600 end
            as resolution_hours,
        created_date
    from tickets
)

select * from int_support_tickets
