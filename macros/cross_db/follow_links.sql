{# Chains of links (a into b, b into c): what each id leads to, by way of how many links, and the latest of them. At most one
   link goes out from an id. {{ with_links() }} is the word that such a query begins with, follow_links makes its CTEs.
   (a, b, 1) (b, c, 3)  ->  start_id, reached_id, latest, step_count: (a, b, 1, 1) (a, c, 3, 2) (b, c, 3, 1)
   follow_links('chains', links='links', id='merged_id', next_id='canonical_id', latest='linked_date')
   With `earliest`, the column with the day on which a link ends, a chain is followed as long as there is a day on which all its
   links hold, several links may go out from an id on different days, and `earliest` says when the first of them ends.
   With `at_most` a chain is followed for so many links; with `until_start` no further than back to where it began.
   Where link_depth() is a number, the engine does not recurse but joins the links so many times, and once more, to know a chain that
   goes on: what reads the chains stops there by stop_at_longer_chains(). #}
{% macro follow_links(name, links, id, next_id, latest, at_most=none, until_start=false, earliest=none) -%}
    {%- set depth = customer_lifecycle.link_depth() -%}
    {%- if depth is none -%}
        {{ return(customer_lifecycle.links_by_recursion(name, links, id, next_id, latest, at_most, until_start, earliest)) }}
    {%- endif -%}
    {%- set step_total = [depth + 1, at_most or depth + 1] | min -%}
    {{ return(customer_lifecycle.links_by_joins(name, links, id, next_id, latest, step_total, until_start, earliest)) }}
{%- endmacro %}
{# with_links() -> 'with recursive', or 'with' #}
{% macro with_links() %}{{ return('with recursive' if customer_lifecycle.link_depth() is none else 'with') }}{% endmacro %}
{# link_depth() -> how many links are followed by joins: the setting, or the engine's own; none where the engine recurses #}
{% macro link_depth() -%}
    {%- set given = customer_lifecycle.setting('link_depth') -%}
    {%- if given == '' -%}{{ return(adapter.dispatch('engines_link_depth', 'customer_lifecycle')()) }}{%- endif -%}
    {%- if given != 'recursive' and (not given.isdigit() or given | int < 1 or given | int > 64) -%}
        {% do customer_lifecycle.stop_build(
            "LINK_DEPTH is '" ~ given ~ "', but must be 'recursive' or a whole number from 1 to 64, or be left out.") %}
    {%- endif -%}
    {{ return(none if given == 'recursive' else given | int) }}
{%- endmacro %}
{% macro default__engines_link_depth() %}{{ return(none) }}{% endmacro %}
{# Recursion came with runtime 17, which not every workspace has. #}
{% macro databricks__engines_link_depth() %}{{ return(16) }}{% endmacro %}
{# Recursion is experimental, written out before the query starts and therefore cut off at ten steps. A join takes up to two
   stages of the 150 that a query may have: 64 links are what one can hold. #}
{% macro trino__engines_link_depth() %}{{ return(16) }}{% endmacro %}
{% macro links_by_recursion(name, links, id, next_id, latest, at_most, until_start, earliest=none) -%}
{{ name }} {{ customer_lifecycle.recursive_columns(['start_id', 'reached_id', 'latest'] + (['earliest'] if earliest else []) + ['step_count']) }} as (
    select {{ id }} as start_id, {{ next_id }} as reached_id, {{ latest }} as latest, {{ earliest ~ ' as earliest,' if earliest }} 1 as step_count
    from {{ links }}
    union all
    select
        {{ name }}.start_id, next_links.{{ next_id }}, greatest({{ name }}.latest, next_links.{{ latest }}),
        {{ 'least(' ~ name ~ '.earliest, next_links.' ~ earliest ~ '),' if earliest }} {{ name }}.step_count + 1
    from {{ name }}
    inner join {{ links }} as next_links
        on {{ name }}.reached_id = next_links.{{ id }}
        {{ 'and greatest(' ~ name ~ '.latest, next_links.' ~ latest ~ ') < least(' ~ name ~ '.earliest, next_links.' ~ earliest ~ ')' if earliest }}
    {%- if until_start or at_most %}
    where
        {{ (name ~ '.reached_id <> ' ~ name ~ '.start_id') if until_start }}
        {{ 'and' if until_start and at_most }}
        {{ (name ~ '.step_count < ' ~ at_most) if at_most }}
    {%- endif %}
)
{%- endmacro %}
{% macro links_by_joins(name, links, id, next_id, latest, step_total, until_start, earliest=none) -%}
{{ name }}_1 as (
    select {{ id }} as start_id, {{ next_id }} as reached_1, {{ latest }} as latest_1 {{ ', ' ~ earliest ~ ' as earliest_1' if earliest }}
    from {{ links }}
),

{% for step in range(2, step_total + 1) -%}
{%- set last = step - 1 -%}
{{ name }}_{{ step }} as (
    select
        steps.*,
        next_links.{{ next_id }} as reached_{{ step }},
        greatest(steps.latest_{{ last }}, next_links.{{ latest }}) as latest_{{ step }}
        {{- ', least(steps.earliest_' ~ last ~ ', next_links.' ~ earliest ~ ') as earliest_' ~ step if earliest }}
    from {{ name }}_{{ last }} as steps
    left join {{ links }} as next_links
        on steps.reached_{{ last }} = next_links.{{ id }} {{ ('and steps.reached_' ~ last ~ ' <> steps.start_id') if until_start }}
        {{ 'and greatest(steps.latest_' ~ last ~ ', next_links.' ~ latest ~ ') < least(steps.earliest_' ~ last ~ ', next_links.' ~ earliest ~ ')' if earliest }}
),

{% endfor -%}
{{ name }}_lengths as (
    select
        steps.*,
        case {% for step in range(step_total, 0, -1) %}when reached_{{ step }} is not null then {{ step }} {% endfor %}end as step_total
    from {{ name }}_{{ step_total }} as steps
),

{{ name }}_steps as (
    select lengths.*, {{ customer_lifecycle.unnest_integers('1', 'lengths.step_total + 1') }} as step_count
    from {{ name }}_lengths as lengths {{ customer_lifecycle.join_integers('1', 'lengths.step_total + 1') }}
),

{{ name }} as (
    select {{ 'distinct' if earliest }}
        start_id,
        {% for column in ['reached', 'latest'] + (['earliest'] if earliest else []) -%}
        case step_count {% for step in range(1, step_total + 1) %}when {{ step }} then {{ column }}_{{ step }} {% endfor %}end as {{ 'reached_id' if column == 'reached' else column }},
        {% endfor -%}
        step_count
    from {{ name }}_steps
)
{%- endmacro %}
{# The pre-hook of what reads chains: where one goes on after the links that are followed, the build stops.
   stop_at_longer_chains('int_identity_chains', id='person_id', of='merged ids') -> nothing, or an error #}
{% macro stop_at_longer_chains(chains, id, of, step_count='step_count') -%}
    {%- set relation = ref('customer_lifecycle', chains) -%}
    {%- set depth = customer_lifecycle.link_depth() -%}
    {%- if execute and depth is not none -%}
        {%- set query = 'select ' ~ id ~ ' from ' ~ relation ~ ' where ' ~ step_count ~ ' > ' ~ depth ~ ' order by 1 limit 1' -%}
        {%- set rows = customer_lifecycle.answer_of(query).rows -%}
        {%- if rows -%}
            {{ exceptions.raise_compiler_error(
                "A chain of " ~ of ~ ", '" ~ rows[0][0] ~ "' on it, is longer than the " ~ depth ~ " links that are followed: set LINK_DEPTH "
                ~ "(var link_depth) to more, at most 64, or to 'recursive' where the engine has recursion, unless the links are a mistake."
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
