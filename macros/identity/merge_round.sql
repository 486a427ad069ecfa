{#
    One round of breaking cycles, a query over a table of open links (link_order, absorbed_person_id, survivor_person_id, linked_date): of
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
{{ with_links() }}

open_links as (
    select
        link_order, absorbed_person_id, survivor_person_id, linked_date,
        link_order = min(link_order) over (partition by absorbed_person_id) as is_first
    from {{ links }}
    where not closes_cycle
),

first_links as (
    select link_order, absorbed_person_id, survivor_person_id from open_links
    where is_first
),

{{ follow_links(
    'walk', links='first_links', id='absorbed_person_id', next_id='survivor_person_id', latest='link_order',
    at_most=longest_chain, until_start=true
) }},

closing_walks as (
    select start_id, latest from walk
    where
        reached_id = start_id
        {%- if longest_chain_closes %}
        or step_count >= {{ longest_chain }}
        {%- endif %}
),

{{ name }} as (
    select
        open_links.link_order,
        open_links.absorbed_person_id,
        open_links.survivor_person_id,
        open_links.linked_date,
        open_links.is_first,
        -- no link on the way is later than the first one
        closing_walks.latest is not null as closes_cycle
    from open_links
    left join closing_walks
        on open_links.absorbed_person_id = closing_walks.start_id and open_links.link_order = closing_walks.latest
)

select * from {{ name }}
{%- endmacro %}
