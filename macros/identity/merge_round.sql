{#
    One round of breaking cycles, a query over a table of open links (link_order, absorbed_person_id, survivor_person_id): of
    each id the first open link is walked along the first links of the others; where that leads back to the id and no link on the way is
    later, the link closes the cycle. One round does that for all cycles at once. A round is a model of its own, so that no engine
    has to work out all rounds before it anew for each step of a walk.

    merge_round('int_identity_merges_2', ref('int_identity_merges_1'))
        a -> b (1), b -> a (2), b -> c (3)  ->  a -> b first, b -> a first and closing, b -> c neither
    With `longest_chain_closes`, a longer chain than anybody merges on purpose may be a cycle as well: a link that is later than all
    the others on it closes it.
#}
{% macro merge_round(name, links, longest_chain_closes=false) -%}
{%- set longest_chain = 50 -%}
{%- set walk_columns = ['link_order', 'absorbed_person_id', 'reached_person_id', 'latest_order', 'step_count'] -%}
with recursive

open_links as (
    select link_order, absorbed_person_id, survivor_person_id from {{ links }}
    where not closes_cycle
),

firsts as (
    select absorbed_person_id, min(link_order) as link_order
    from open_links
    group by absorbed_person_id
),

first_links as (
    select open_links.*
    from open_links
    inner join firsts on open_links.link_order = firsts.link_order
),

walk {{ recursive_columns(walk_columns) }} as (
    select
        link_order, absorbed_person_id, survivor_person_id as reached_person_id,
        link_order as latest_order, 1 as step_count
    from first_links
    where survivor_person_id in (select links.absorbed_person_id from first_links as links)

    union all

    select
        walk.link_order, walk.absorbed_person_id, link.survivor_person_id,
        greatest(walk.latest_order, link.link_order), walk.step_count + 1
    from walk
    inner join first_links as link on walk.reached_person_id = link.absorbed_person_id
    where walk.reached_person_id <> walk.absorbed_person_id and walk.step_count < {{ longest_chain }}
),

closing_links as (
    select distinct link_order from walk
    where
        latest_order = link_order
        and (
            reached_person_id = absorbed_person_id
            {%- if longest_chain_closes %}
            or step_count >= {{ longest_chain }}
            {%- endif %}
        )
),

{{ name }} as (
    select
        open_links.link_order,
        open_links.absorbed_person_id,
        open_links.survivor_person_id,
        firsts.link_order is not null as is_first,
        closing_links.link_order is not null as closes_cycle
    from open_links
    left join firsts on open_links.link_order = firsts.link_order
    left join closing_links on open_links.link_order = closing_links.link_order
)

select * from {{ name }}
{%- endmacro %}
