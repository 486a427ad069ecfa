-- One row per candidate link with its status: accepted, conflict (the id was merged before) or closes_cycle; an accepted one
-- with the days [linked_date, unlinked_date) on which it is in force, one row for each stretch of them. On each day the
-- earliest of the links of an id that have not ended is in force: where one ends, the next comes in.
with

candidates as (
    {{ candidate_links() }}
),

closing_links as (
    select * from {{ ref('customer_lifecycle', 'int_closing_links') }}
),

turns as (
    -- days on which one of the id's links ends, or cycles are looked at again
    select merged_person_id, ended_date as turned_on from candidates
    where ended_date < {{ end_of_time() }}
    {{ union_distinct() }}
    select merged_person_id, era_from from closing_links
    where era_from > {{ beginning_of_time() }}
    {{ union_distinct() }}
    select merged_person_id, era_to from closing_links
    where era_to < {{ end_of_time() }}
),

stretches as (
    select
        merged_person_id, turned_on as starts_on,
        coalesce(lead(turned_on) over (partition by merged_person_id order by turned_on), {{ end_of_time() }}) as ends_on
    from turns

    union all

    select merged_person_id, {{ beginning_of_time() }}, min(turned_on) from turns
    group by merged_person_id
),

rivals as (
    select
        candidates.*, stretches.starts_on, stretches.ends_on, closing_links.merged_person_id is not null as closes_cycle,
        row_number() over (
            partition by candidates.merged_person_id, stretches.starts_on, closing_links.merged_person_id
            order by candidates.linked_date asc, candidates.canonical_person_id asc, candidates.ended_date desc
        ) as place
    from candidates
    left join stretches
        on
            candidates.merged_person_id = stretches.merged_person_id
            and candidates.ended_date > stretches.starts_on and candidates.linked_date < stretches.ends_on
    left join closing_links
        on
            candidates.merged_person_id = closing_links.merged_person_id
            and candidates.canonical_person_id = closing_links.canonical_person_id
            and coalesce(stretches.starts_on, {{ beginning_of_time() }}) >= closing_links.era_from
            and coalesce(stretches.starts_on, {{ beginning_of_time() }}) < closing_links.era_to
),

judged as (
    select
        *,
        case when closes_cycle then 'closes_cycle' when place = 1 then 'accepted' else 'conflict' end as link_status,
        greatest(linked_date, starts_on) as holds_from
    from rivals
),

-- an id some of whose links end: stretches in which the same link is in force are one
continued as (
    select
        *,
        case
            when
                lag(ends_on) over (partition by merged_person_id order by starts_on) = holds_from
                and lag(canonical_person_id) over (partition by merged_person_id order by starts_on) = canonical_person_id
                then 0
            else 1
        end as is_beginning
    from judged
    where starts_on is not null and link_status = 'accepted'
),

numbered as (
    select *, sum(is_beginning) over (partition by merged_person_id order by starts_on) as spell_number from continued
),

int_identity_links as (
    select
        brand, merged_id_type, merged_person_id, canonical_person_id, linked_date,
        {{ end_of_time() }} as unlinked_date, source_table, source_row, link_status
    from judged
    where starts_on is null

    union all

    select
        brand, merged_id_type, merged_person_id, canonical_person_id, min(holds_from), max(ends_on),
        max(case when is_beginning = 1 then source_table end),
        max(case when is_beginning = 1 then source_row end), 'accepted'
    from numbered
    group by brand, merged_id_type, merged_person_id, canonical_person_id, spell_number

    union all

    select
        brand, merged_id_type, merged_person_id, canonical_person_id, min(linked_date), {{ end_of_time() }},
        min(source_table), min(source_row), min(link_status)
    from judged
    where starts_on is not null
    group by brand, merged_id_type, merged_person_id, canonical_person_id
    having max(case when link_status = 'accepted' then 1 else 0 end) = 0
)

select * from int_identity_links
