{# The links that close a cycle. Each id has links in an order, and its current link is the first one that closes no cycle. A walk starts at
   each id and follows current links; where it comes back to the start of its lap, the latest link of the lap closes a cycle, and the next
   link of its id takes its place. Laps grow longer, so that one begins on the cycle and is as long (Brent's algorithm). The order in which
   walks find cycles makes no difference: a cycle is broken only by its latest link.
   break_cycles('closing_links', links='links') -> CTEs, the last of them closing_links. previous_order: of the link of the same id before
       (link_order, merged, canonical, previous_order): (1, a, b, null) (2, b, a, null) (3, b, c, 2)  ->  (2, b, a, null)
   By joins (see follow_links), a cycle too long for the steps stays in the links: int_identity_chains goes round in it, the build stops. #}
{% macro break_cycles(name, links) -%}
{%- set depth = customer_lifecycle.link_depth() -%}
{%- if depth is none -%}
walks {{ customer_lifecycle.recursive_columns(['start_id', 'reached_id', 'lap_start_id', 'latest', 'closing_orders', 'step_count']) }} as (
    {{ customer_lifecycle.walks_begin(links) }}
    union all
    {{ customer_lifecycle.walks_go_on('walks', links, 'inner') }}
),
{%- else %}
walks_0 as (
    {{ customer_lifecycle.walks_begin(links) }}
),
{% for step in range([3 * depth, 64] | min) %}
walks_{{ step + 1 if not loop.last }} as {{ customer_lifecycle.inlined() }} (
    {{ customer_lifecycle.walks_go_on('walks_' ~ step, links, 'left') }}
),
{%- endfor -%}
{%- endif %}

{{ name }} as (
    select distinct links.*
    from {{ links }} as links
    inner join walks{{ '_' if depth is not none }} as walks
        on links.merged_person_id = walks.start_id and walks.closing_orders like {{ customer_lifecycle.order_in_text('links.link_order') }}
)
{%- endmacro %}
{% macro walks_begin(links) -%}
    select
        merged_person_id as start_id, merged_person_id as reached_id, merged_person_id as lap_start_id, 0 as latest,
        cast('|' as {{ customer_lifecycle.text_type() }}) as closing_orders, 0 as step_count
    from {{ links }}
    where previous_order is null
{%- endmacro %}
{# One step of each walk; step_count counts them from the last cycle on. #}
{% macro walks_go_on(walks, links, join) -%}
    {%- set closes_cycle = 'links.canonical_person_id = walks.lap_start_id' -%}
    {#- laps of 4, 8, 16, ... steps -#}
    {%- set begins_lap = closes_cycle ~ ' or walks.step_count in (3, 11, 27, 59, 123, 251, 507, 1019, 2043, 4091, 8187, 16379)' -%}
    {%- set latest = 'greatest(walks.latest, links.link_order)' -%}
    {%- set text = customer_lifecycle.text_type() -%}
    select
        walks.start_id,
        coalesce(links.canonical_person_id, walks.reached_id) as reached_id,
        case when {{ begins_lap }} then links.canonical_person_id else walks.lap_start_id end as lap_start_id,
        case when {{ begins_lap }} then 0 else {{ latest }} end as latest,
        case
            when {{ closes_cycle }} then cast(walks.closing_orders || cast({{ latest }} as {{ text }}) || '|' as {{ text }})
            else walks.closing_orders
        end as closing_orders,
        case when {{ closes_cycle }} then 0 else walks.step_count + 1 end as step_count
    from {{ walks }} as walks
    {{ join }} join {{ links }} as links
        on walks.reached_id = links.merged_person_id
        and walks.closing_orders not like {{ customer_lifecycle.order_in_text('links.link_order') }}
        and (links.previous_order is null or walks.closing_orders like {{ customer_lifecycle.order_in_text('links.previous_order') }})
{%- endmacro %}
{# order_in_text('links.link_order') -> the pattern of a text with that number, between bars, in it: 17 -> '%|17|%' #}
{% macro order_in_text(number) %}'%|' || cast({{ number }} as {{ customer_lifecycle.text_type() }}) || '|%'{% endmacro %}
