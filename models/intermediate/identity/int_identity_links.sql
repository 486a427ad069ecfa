-- One row per candidate link with its verdict: accepted, conflict (the id was absorbed before), or closes_cycle. The last
-- link of a cycle is ignored, and the next candidate of its id comes in: see merge_round. An id whose candidates close more
-- cycles than there are rounds stays unabsorbed.
{% set rounds = ['int_identity_merges_1', 'int_identity_merges_2', 'int_identity_merges_3'] %}
with

accepted_merges as (
    select absorbed_person_id, survivor_person_id from {{ ref(rounds[-1]) }}
    where is_first and not closes_cycle
),

closing_merges as (
    {% for round in rounds %}
    select absorbed_person_id, survivor_person_id from {{ ref(round) }}
    where closes_cycle
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

int_identity_links as (
    select
        candidates.brand,
        candidates.absorbed_id_type,
        candidates.absorbed_person_id,
        candidates.survivor_person_id,
        candidates.linked_date,
        candidates.source_table,
        candidates.source_row,
        case
            when closing_merges.absorbed_person_id is not null then 'closes_cycle'
            when accepted_merges.absorbed_person_id is not null or candidates.survivor_number = 1 then 'accepted'
            else 'conflict'
        end as link_status
    from {{ ref('int_identity_candidates') }} as candidates
    left join accepted_merges
        on
            candidates.absorbed_person_id = accepted_merges.absorbed_person_id
            and candidates.survivor_person_id = accepted_merges.survivor_person_id
    left join closing_merges
        on
            candidates.absorbed_person_id = closing_merges.absorbed_person_id
            and candidates.survivor_person_id = closing_merges.survivor_person_id
)

select * from int_identity_links
