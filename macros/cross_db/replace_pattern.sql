{# Put another text in the place of every match of a regular expression; \1 is what its first group has found.
   '1 234 €' with '[^0-9]', '' -> '1234'. Call: replace_pattern('text_column', '[^0-9]', '') #}
{% macro replace_pattern(text, pattern, other) -%}
    {%- set pattern = customer_lifecycle.text_literal(pattern) | trim -%}
    {{ return(adapter.dispatch('replace_pattern', 'customer_lifecycle')(text, pattern, other)) }}
{%- endmacro %}
{% macro default__replace_pattern(text, pattern, other) %}regexp_replace({{ text }}, {{ pattern }}, {{ customer_lifecycle.text_literal(other) | trim }}){% endmacro %}
{% macro duckdb__replace_pattern(text, pattern, other) %}regexp_replace({{ text }}, {{ pattern }}, '{{ other }}', 'g'){% endmacro %}
{% macro postgres__replace_pattern(text, pattern, other) %}regexp_replace({{ text }}, {{ pattern }}, '{{ other }}', 'g'){% endmacro %}
{% macro redshift__replace_pattern(text, pattern, other) %}regexp_replace({{ text }}, {{ pattern }}, '{{ other | replace("\\1", "$1") }}'){% endmacro %}
{% macro spark__replace_pattern(text, pattern, other) %}regexp_replace({{ text }}, {{ pattern }}, '{{ other | replace("\\1", "$1") }}'){% endmacro %}
{% macro trino__replace_pattern(text, pattern, other) %}regexp_replace({{ text }}, {{ pattern }}, '{{ other | replace("\\1", "$1") }}'){% endmacro %}
{# remove_pattern('text_column', '[^0-9]') takes every match out: '1 234 €' -> '1234' #}
{% macro remove_pattern(text, pattern) %}{{ return(customer_lifecycle.replace_pattern(text, pattern, '')) }}{% endmacro %}
