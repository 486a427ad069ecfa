-- One row per change of a ticket's status, with the status before. A ticket is done while it is solved or closed.
{{ config(enabled=fills('zendesk', 'support_tickets')) }}

with

field_changes as (
    {{ vendor_rows('zendesk', 'field_changes') }}
),

statuses as (
    select
        brand, ticket_id, updated as changed_at, lower(value) in ('solved', 'closed') as is_done,
        lag(lower(value)) over (partition by brand, ticket_id order by updated) in ('solved', 'closed') as was_done
    from field_changes
    where field_name = 'status' and deleted_at is null
),

zendesk__status_changes as (
    select brand, ticket_id, changed_at, is_done, coalesce(was_done, false) as was_done
    from statuses
)

select * from zendesk__status_changes
