-- One row per link that would close a cycle and era [era_from, era_to) in which it would. An era is a stretch of days
-- between two ends of links of ids that may be on a cycle: within it links come and none goes, so that the latest link of a
-- cycle is the one that closes it.
{{ with_links() }}

candidates as (
    {{ candidate_links() }}
),

circular_links as (
    -- only an id that others are merged into can be on a cycle
    select *, canonical_person_id in (select others.merged_person_id from candidates as others) as may_close_cycle
    from candidates
    where merged_person_id in (select others.canonical_person_id from candidates as others)
),

era_starts as (
    select {{ beginning_of_time() }} as era_from
    {{ union_distinct() }}
    select ended_date from circular_links
    where
        ended_date < {{ end_of_time() }}
        and merged_person_id in (
            select links.merged_person_id from circular_links as links
            where links.may_close_cycle
        )
),

eras as (
    select
        era_from,
        coalesce(lead(era_from) over (order by era_from), {{ end_of_time() }}) as era_to,
        case when era_from > {{ beginning_of_time() }} then '|' || cast(era_from as {{ text_type() }}) else '' end
            as era_name
    from era_starts
),

links_of_eras as (
    select
        links.merged_person_id as merged_id, links.canonical_person_id as canonical_id,
        eras.era_from, eras.era_to, eras.era_name,
        min(links.linked_date) as linked_date
    from circular_links as links
    inner join eras on links.ended_date > eras.era_from
    group by links.merged_person_id, links.canonical_person_id, eras.era_from, eras.era_to, eras.era_name
),

ordered_links as (
    select
        merged_id || era_name as merged_person_id,
        canonical_id || era_name as canonical_person_id,
        merged_id, canonical_id, era_from, era_to,
        cast(row_number() over (order by era_from, linked_date, canonical_id, merged_id) as integer) as link_order
    from links_of_eras
),

links as (
    select
        *,
        lag(link_order) over (partition by merged_person_id order by link_order) as previous_order
    from ordered_links
),

{{ break_cycles('closing_links', links='links') }},

int_closing_links as (
    select merged_id as merged_person_id, canonical_id as canonical_person_id, era_from, era_to from closing_links
)

select * from int_closing_links
