{# One number over another as a double, null where the second is 0 or null: what every published ratio goes through.
   ratio_of('churned_count', 'customer_count')   3, 4 -> 0.75   3, 0 -> null #}
{% macro ratio_of(numerator, denominator) %}{{ return(adapter.dispatch('ratio_of', 'customer_lifecycle')(numerator, denominator)) }}{% endmacro %}
{% macro default__ratio_of(numerator, denominator) -%}
    cast({{ numerator }} as {{ customer_lifecycle.double_type() }}) / nullif({{ denominator }}, 0)
{%- endmacro %}
