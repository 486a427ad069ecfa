{# One side of a metric, or both where they stand in one mart, by brand, month and dimension. Reads the CTE dimensions.
   metric_sums(spec, spec.parts, relation) -> select brand, 'churn_rate' as metric_id, ..., sum(churned_count) as numerator, ...
#}
{% macro metric_sums(spec, parts, relation) %}
    {%- if not relation -%}
        {% do customer_lifecycle.stop_build("The metric " ~ spec.metric_id ~ " reads " ~ parts[0].model
            ~ ": add it to the list in int_metric_values.") %}
    {%- endif -%}
    {%- set columns = parts[0].columns -%}
    {%- set dimension_value -%}
        {%- if spec.dimensions -%}
        case dimensions.dimension_name
            {%- for name in spec.dimensions %} when '{{ name }}' then {{ columns[name] }}{% endfor %} else 'all' end
        {%- else -%} 'all' {%- endif -%}
    {%- endset -%}
    select
        brand,
        '{{ spec.metric_id }}' as metric_id,
        {{ parts[0].month }} as month_date,
        dimensions.dimension_name,
        {{ dimension_value }} as dimension_value,
        {% for side in ['numerator', 'denominator'] %}
        {%- set amounts = parts | selectattr('side', 'equalto', side) | map(attribute='amount') | list -%}
        cast({{ 'sum(' ~ amounts[0] ~ ')' if amounts else 'null' }} as {{ customer_lifecycle.double_type() }}) as {{ side }},
        {% endfor -%}
        {{ spec.parts | length - 1 }} as ratio_part,
        {{ 1 if spec.parts | length == 1 and parts[0].is_balance else 0 }} as balance_part,
        {{ 'min(case when ' ~ columns.is_mature ~ ' then 1 else 0 end)' if columns.is_mature else '1' }} as mature_part
    from {{ relation }}
    inner join dimensions on dimensions.dimension_name in ('all'{% for name in spec.dimensions %}, '{{ name }}'{% endfor %})
    {{ 'where ' ~ spec.condition if spec.condition }}
    group by brand, {{ parts[0].month }}, dimensions.dimension_name{{ ', ' ~ dimension_value if spec.dimensions }}
{% endmacro %}
