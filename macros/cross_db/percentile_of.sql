{# A percentile of a group's numbers, linear between neighbours, a double.
   percentile_of('gap_days', 0.5) -> percentile_cont(0.5) within group (order by gap_days)   1, 2, 10 -> 2 #}
{% macro percentile_of(number, fraction) -%}
    {{ return(adapter.dispatch('percentile_of', 'customer_lifecycle')(number, fraction)) }}
{%- endmacro %}

{% macro default__percentile_of(number, fraction) -%}
    percentile_cont({{ fraction }}) within group (order by {{ number }})
{%- endmacro %}
