{# Two CTEs, <name>_spans and <name>: the stage periods of the CTE `spells`, and for each customer of the CTE `customers` the days
   before the first and after the last one, with a null for the stage.
   all_days_of('days_now', customers='customers', spells='spells')
       (1, engagement, d5, d9)  ->  (1, null, 0001-01-01, d5) (1, engagement, d5, d9) (1, null, d9, 9999-12-31) #}
{% macro all_days_of(name, customers, spells) -%}
{{ name }}_spans as (
    select
        customers.customer_key,
        coalesce(min(spells.valid_from), {{ end_of_time() }}) as first_day,
        coalesce(max(spells.valid_to), {{ end_of_time() }}) as end_day
    from {{ customers }} as customers
    left join {{ spells }} as spells on customers.customer_key = spells.customer_key
    group by customers.customer_key
),

{{ name }} as (
    select customer_key, stage, valid_from, valid_to from {{ spells }}
    union all
    select customer_key, cast(null as {{ text_type() }}), {{ beginning_of_time() }}, first_day from {{ name }}_spans
    union all
    select customer_key, cast(null as {{ text_type() }}), end_day, {{ end_of_time() }} from {{ name }}_spans
    where end_day < {{ end_of_time() }}
)
{%- endmacro %}
