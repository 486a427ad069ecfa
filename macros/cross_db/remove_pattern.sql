{#
    Take every match of a regular expression out of a text.

    '1 234 €' with '[^0-9]' -> '1234'. Call: remove_pattern('text_column', '[^0-9]')
#}
{% macro remove_pattern(text, pattern) %}
    {{- return(adapter.dispatch('remove_pattern', 'customer_lifecycle')(text, pattern)) -}}
{% endmacro %}

{% macro default__remove_pattern(text, pattern) -%}
    regexp_replace({{ text }}, '{{ pattern }}', '', 'g')
{%- endmacro %}

{% macro spark__remove_pattern(text, pattern) -%}
    regexp_replace({{ text }}, '{{ pattern | replace('\\', '\\\\') }}', '')
{%- endmacro %}

{% macro bigquery__remove_pattern(text, pattern) -%}
    regexp_replace({{ text }}, r'{{ pattern }}', '')
{%- endmacro %}

{% macro snowflake__remove_pattern(text, pattern) -%}
    regexp_replace({{ text }}, '{{ pattern | replace('\\', '\\\\') }}', '')
{%- endmacro %}

{% macro redshift__remove_pattern(text, pattern) -%}
    regexp_replace({{ text }}, '{{ pattern | replace('\\', '\\\\') }}', '')
{%- endmacro %}

{% macro trino__remove_pattern(text, pattern) -%}
    regexp_replace({{ text }}, '{{ pattern }}', '')
{%- endmacro %}
