{#
    Cast a text, null where that is impossible.

    '12.5' -> 12.50, 'abc' -> null. Call: safe_cast_to('text_column', 'decimal(18, 2)')
#}
{% macro safe_cast_to(text, data_type) %}
    {{- return(adapter.dispatch('safe_cast_to', 'customer_lifecycle')(text, data_type)) -}}
{% endmacro %}

{% macro default__safe_cast_to(text, data_type) -%}
    try_cast({{ text }} as {{ data_type }})
{%- endmacro %}
