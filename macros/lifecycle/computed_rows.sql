{# What to select from to have, in an increment, the rows of ids whose customers are computed; in a full build, those of all. A join,
   because DuckDB looks for joined ids while it scans, and for "person_id in (select ...)" only afterwards: twice the time.
   everybody: what computes_everybody() says. A model asks that once, as it is a question to the warehouse.
   from computed_rows('stg_shop__orders', everybody) as orders -> from (select ... inner join int_computed_persons ...) as orders #}
{% macro computed_rows(model, everybody) -%}
    {#- named in any case, so that it is there before -#}
    {%- set computed_persons = ref('int_computed_persons') -%}
    {%- if everybody -%}
    {{ ref(model) }}
    {%- else -%}
    (
        select stated.*
        from {{ ref(model) }} as stated
        inner join {{ computed_persons }} as computed_persons on stated.person_id = computed_persons.person_id
    )
    {%- endif -%}
{%- endmacro %}
