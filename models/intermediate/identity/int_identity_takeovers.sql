-- One row per link that brings an id to a customer on its own date, with the raw row that says so.
{{ config(materialized='view') }}
with

int_identity_takeovers as (
    select
        memberships.customer_key,
        links.absorbed_person_id,
        links.linked_date,
        links.source_table,
        links.source_row
    from {{ ref('int_identity_links') }} as links
    inner join {{ ref('int_identity_memberships') }} as memberships
        on links.absorbed_person_id = memberships.person_id and links.linked_date = memberships.valid_from
    where links.link_status = 'accepted'
)

select * from int_identity_takeovers
