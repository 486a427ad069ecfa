-- One row per ticket. The first answer is the first public comment by staff after the ticket was opened: the comment
-- with which it was opened may be theirs, too. It is resolved when it last was solved, if it still is.
{{ config(enabled=fills('zendesk', 'support_tickets')) }}

with

tickets as (
    {{ vendor_rows('zendesk', 'tickets') }}
),

users as (
    {{ vendor_rows('zendesk', 'users') }}
),

comments as (
    {{ vendor_rows('zendesk', 'comments') }}
),

ticket_metrics as (
    {{ vendor_rows('zendesk', 'ticket_metrics') }}
),

first_answers as (
    select comments.brand, comments.ticket_id, min(comments.created) as answered_at
    from comments
    inner join users on comments.brand = users.brand and comments.user_id = users.id
    inner join tickets on comments.brand = tickets.brand and comments.ticket_id = tickets.id
    where comments.is_public and comments.created > tickets.created_at and lower(users.role) in ('agent', 'admin')
        and comments.user_id <> coalesce(tickets.requester_id, '')
    group by 1, 2
),

solutions as (
    select
        brand, ticket_id,
        max(case when is_done and not was_done then changed_at end) as solved_at,
        count(case when was_done and not is_done then 1 end) as reopened_count
    from {{ ref('customer_lifecycle_connectors', 'zendesk__status_changes') }}
    group by brand, ticket_id
),

zendesk__support_tickets as (
    select
        tickets.brand,
        {{ vendor_id('zendesk', 'tickets.id') }} as ticket_id,
        tickets.created_at,
        {{ vendor_id('zendesk', 'tickets.requester_id') }} as customer_id,
        tickets.type as category,
        coalesce(
            first_answers.answered_at,
            {{ add_time('tickets.created_at', 'minute', 'ticket_metrics.first_reply_minutes') }}
        ) as first_response_at,
        case
            when lower(tickets.status) in ('solved', 'closed')
            then coalesce(solutions.solved_at, ticket_metrics.solved_at)
        end as resolved_at,
        coalesce(solutions.reopened_count, ticket_metrics.reopens) as reopened_count,
        tickets.loaded_at,
        coalesce(
            tickets.deleted_at, case when lower(tickets.status) = 'deleted' then tickets.updated_at end
        ) as deleted_at
    from tickets
    left join first_answers on tickets.brand = first_answers.brand and tickets.id = first_answers.ticket_id
    left join solutions on tickets.brand = solutions.brand and tickets.id = solutions.ticket_id
    left join ticket_metrics on tickets.brand = ticket_metrics.brand and tickets.id = ticket_metrics.ticket_id
)

select * from zendesk__support_tickets
