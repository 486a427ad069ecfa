{# Two CTEs, <name>_gaps and <name>: the stage periods of the CTE `spells`, and for each customer of the CTE `customers` the days
   before, between and after them, with a null for the stage. A customer is away between a merge and its undoing.
   all_days_of('days_now', customers='customers', spells='spells')
       (1, engagement, d5, d9)  ->  (1, null, 0001-01-01, d5) (1, engagement, d5, d9) (1, null, d9, 9999-12-31) #}
{% macro all_days_of(name, customers, spells) -%}
{{ name }}_gaps as (
    select
        customer_key,
        lag(valid_to, 1, {{ beginning_of_time() }}) over (partition by customer_key order by valid_from) as valid_from,
        valid_from as valid_to
    from (
        select customer_key, valid_from, valid_to from {{ spells }}
        union all
        select customer_key, {{ end_of_time() }}, {{ end_of_time() }} from {{ customers }}
    ) as spells_and_end
),

{{ name }} as (
    select customer_key, stage, valid_from, valid_to from {{ spells }}
    union all
    select customer_key, cast(null as {{ text_type() }}), valid_from, valid_to from {{ name }}_gaps
    where valid_from < valid_to
)
{%- endmacro %}
