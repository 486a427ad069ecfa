-- One row per ticket. Of several contacts of a ticket, the one with the lowest id is its customer.
{{ config(enabled=fills('hubspot', 'support_tickets')) }}

with

tickets as (
    {{ vendor_rows('hubspot', 'tickets') }}
),

ticket_contacts as (
    {{ vendor_rows('hubspot', 'ticket_contacts') }}
),

customers as (
    select brand, ticket_id, min(contact_id) as contact_id
    from ticket_contacts
    group by brand, ticket_id
),

hubspot__support_tickets as (
    select
        tickets.brand,
        {{ vendor_id('hubspot', 'tickets.id') }} as ticket_id,
        tickets.createdate as created_at,
        {{ vendor_id('hubspot', 'customers.contact_id') }} as customer_id,
        tickets.category,
        tickets.first_agent_reply_date as first_response_at,
        tickets.closed_date as resolved_at,
        tickets.loaded_at,
        coalesce(tickets.deleted_at, case when tickets.is_deleted then tickets.loaded_at end) as deleted_at
    from tickets
    left join customers on tickets.brand = customers.brand and tickets.id = customers.ticket_id
)

select * from hubspot__support_tickets
