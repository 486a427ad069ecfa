{# In an increment, the rows of the ids whose customers are computed, by a join (DuckDB needs twice the time for "in (select ...)"); in a full
   build, those of all. is_full_refresh: the answer of computes_all_customers(), for which a model asks the warehouse once.
   from computed_rows('stg_shop__orders', is_full_refresh) as orders -> from (select ... inner join ...) as orders #}
{% macro computed_rows(model, is_full_refresh) -%}
    {#- both are named in any case, so that they are built before -#}
    {%- set identity_map = ref('customer_lifecycle', 'int_identity_map') -%}
    {%- set changed_customers = ref('customer_lifecycle', 'int_changed_customers') -%}
    {%- if is_full_refresh -%}
    {{ ref('customer_lifecycle', model) }}
    {%- else -%}
    (
        select stated.*
        from {{ ref('customer_lifecycle', model) }} as stated
        inner join (
            select distinct identity_map.person_id
            from {{ identity_map }} as identity_map
            inner join {{ changed_customers }} as changed on identity_map.customer_key = changed.customer_key
        ) as computed_persons on stated.person_id = computed_persons.person_id
    )
    {%- endif -%}
{%- endmacro %}
