-- One row per candidate link of an id that absorbs others itself: only such ids can form a cycle, any other goes to the
-- survivor of its first link. Links take effect in the order of their dates.
with

int_identity_merges as (
    select
        cast(
            row_number() over (order by linked_date, survivor_person_id, absorbed_person_id) as integer
        ) as link_order,
        absorbed_person_id,
        survivor_person_id,
        linked_date,
        false as closes_cycle
    from {{ ref('int_identity_candidates') }}
    where absorbed_person_id in (select others.survivor_person_id from {{ ref('int_identity_candidates') }} as others)
)

select * from int_identity_merges
