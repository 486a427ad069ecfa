-- One row per candidate link with its verdict: accepted, conflict (the id was absorbed before), or closes_cycle. Only ids
-- that absorb others can form a cycle; any other goes to the survivor of its first link. Links take effect in the order
-- of their dates; the last one of a cycle is ignored, and the next candidate of its id comes in. One round does that for
-- all cycles at once; an id whose candidates close more cycles than there are rounds stays unabsorbed. A longer chain than
-- anybody merges on purpose may be a cycle: a link that is later than all the others on it is ignored.
{% set rounds = 3 %}
{% set longest_chain = 50 %}
{% set walk_columns = ['link_order', 'absorbed_person_id', 'reached_person_id', 'latest_order', 'step_count'] %}
with recursive

merge_links as (
    select
        absorbed_person_id,
        survivor_person_id,
        row_number() over (order by linked_date, survivor_person_id, absorbed_person_id) as link_order
    from {{ ref('int_identity_candidates') }}
    where absorbed_person_id in (select others.survivor_person_id from {{ ref('int_identity_candidates') }} as others)
),

open_0 as (
    select * from merge_links
),

{% for round in range(rounds) %}
firsts_{{ round }} as (
    select absorbed_person_id, min(link_order) as link_order
    from open_{{ round }}
    group by absorbed_person_id
),

current_{{ round }} as (
    select open_links.*
    from open_{{ round }} as open_links
    inner join firsts_{{ round }} as firsts on open_links.link_order = firsts.link_order
),

walk_{{ round }} {{ recursive_columns(walk_columns) }} as (
    select
        link_order, absorbed_person_id, survivor_person_id as reached_person_id,
        link_order as latest_order, 1 as step_count
    from current_{{ round }}
    where survivor_person_id in (select links.absorbed_person_id from current_{{ round }} as links)

    union all

    select
        walk.link_order, walk.absorbed_person_id, link.survivor_person_id,
        greatest(walk.latest_order, link.link_order), walk.step_count + 1
    from walk_{{ round }} as walk
    inner join current_{{ round }} as link on walk.reached_person_id = link.absorbed_person_id
    where walk.reached_person_id <> walk.absorbed_person_id and walk.step_count < {{ longest_chain }}
),

closing_{{ round }} as (
    select link_order from walk_{{ round }}
    where
        latest_order = link_order
        and (
            reached_person_id = absorbed_person_id
            {%- if loop.last %}
            or step_count >= {{ longest_chain }}
            {%- endif %}
        )
),

open_{{ round + 1 }} as (
    select * from open_{{ round }}
    where link_order not in (select closing.link_order from closing_{{ round }} as closing)
),

{% endfor %}
accepted_merges as (
    select absorbed_person_id, survivor_person_id from current_{{ rounds - 1 }}
    where link_order not in (select closing.link_order from closing_{{ rounds - 1 }} as closing)
),

closing_merges as (
    {% for round in range(rounds) %}
    select merge_links.absorbed_person_id, merge_links.survivor_person_id
    from merge_links
    inner join closing_{{ round }} as closing on merge_links.link_order = closing.link_order
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
