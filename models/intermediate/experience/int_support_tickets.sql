-- One row per support ticket that counts at the as-of date, with whose it is and how long it has taken. Two tickets of a
-- customer about one category within minutes are one, sent twice: the one that was answered or resolved counts, else the
-- last.
{% set second_ticket_minutes = 5 %}
-- of one month: what a finished month says stays said
{% set sender %}
brand, category, {{ period_start('month', 'created_date') }},
                customer_key, case when customer_key is null then ticket_id end
{%- endset %}
with

identity_map as (
    select * from {{ ref('customer_lifecycle', 'int_identity_map') }}
    where valid_to = {{ end_of_time() }}
),

tickets as (
    select
        tickets.brand, tickets.ticket_id, identity_map.customer_key,
        coalesce(tickets.category, 'unknown') as category,
        coalesce(tickets.reopened_count, 0) as reopened_count,
        tickets.created_at,
        tickets.created_date,
        case when tickets.first_response_date <= as_of.as_of_date then tickets.first_response_at end as first_response_at,
        case when tickets.resolved_date <= as_of.as_of_date then tickets.resolved_at end as resolved_at
    from {{ ref('customer_lifecycle', 'stg_feedback__support_tickets') }} as tickets
    cross join {{ ref('customer_lifecycle', 'as_of_date') }} as as_of
    left join {{ ref('customer_lifecycle', 'int_identity_shared_ids') }} as shared_ids
        on tickets.person_id = shared_ids.person_id and tickets.created_date >= shared_ids.shared_from_date
    left join identity_map on tickets.person_id = identity_map.person_id and shared_ids.person_id is null
    where
        {{ known_until('tickets.deleted_date', 'as_of.as_of_date') }} = {{ end_of_time() }}
        -- an id that has become a test account's needs no support; who gave no id, or a shared one, does
        and (tickets.person_id is null or shared_ids.person_id is not null or identity_map.customer_key is not null)
),

earlier_tickets as (
    select
        *,
        lag(created_at) over (partition by {{ sender }} order by created_at, ticket_id) as earlier_created_at
    from tickets
),

sent as (
    select
        *,
        sum(case
            when {{ seconds_between('earlier_created_at', 'created_at') }} <= {{ 60 * second_ticket_minutes }} then 0 else 1
        end) over (partition by {{ sender }} order by created_at, ticket_id) as sent_number
    from earlier_tickets
),

ranked as (
    select
        *,
        row_number() over (
            partition by {{ sender }}, sent_number
            order by
                case when resolved_at is not null or first_response_at is not null then 0 else 1 end,
                created_at desc, ticket_id asc
        ) as choice_number
    from sent
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
    from ranked
    where choice_number = 1
)

select * from int_support_tickets
