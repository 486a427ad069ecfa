-- One row per merged id that others are merged into, id that it comes to belong to by that, and days [valid_from, valid_to)
-- on which all links on the way are in force. All longer chains of merges run over these links; merged ids without others
-- are a hundred times as many.
{{ with_links() }}

accepted_links as (
    select merged_person_id, canonical_person_id, linked_date, unlinked_date
    from {{ ref('customer_lifecycle', 'int_identity_links') }}
    where link_status = 'accepted'
),

links as (
    select * from accepted_links
    where merged_person_id in (select others.canonical_person_id from accepted_links as others)
),

{{ follow_links(
    'chains', links='links', id='merged_person_id', next_id='canonical_person_id', latest='linked_date',
    earliest='unlinked_date'
) }},

int_identity_chains as (
    select start_id as person_id, reached_id as owner_person_id, latest as valid_from, earliest as valid_to, step_count
    from chains
)

select * from int_identity_chains
