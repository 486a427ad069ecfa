{#
    The md5 of a text, 32 lower-case hexadecimal digits.

    'anna@example.org' -> 'c1e...'. Call: text_md5('email')
#}
{% macro text_md5(text) %}
    {{- return(adapter.dispatch('text_md5', 'customer_lifecycle')(text)) -}}
{% endmacro %}

{% macro default__text_md5(text) -%}
    md5({{ text }})
{%- endmacro %}
