-- One row per id that may have absorbed others before it was absorbed itself, and each id that it comes to belong to by
-- that. All longer chains of merges run over these links; ids that absorb nobody are a hundred times as many.
{{ with_links() }}

links as (
    select absorbed_person_id, survivor_person_id, linked_date from {{ ref('int_identity_merges_3') }}
    where is_first and not closes_cycle
),

{{ follow_links(
    'chains', links='links', id='absorbed_person_id', next_id='survivor_person_id', latest='linked_date'
) }},

int_identity_chains as (
    select start_id as person_id, reached_id as owner_person_id, latest as valid_from, step_count from chains
)

select * from int_identity_chains
