{#
    Does a text contain a match of a regular expression (POSIX, the part that all engines share)?

    'A-12' with '[0-9]$' -> true. Call: matches_pattern('text_column', '[0-9]$')
#}
{% macro matches_pattern(text, pattern) %}
    {{- return(adapter.dispatch('matches_pattern', 'customer_lifecycle')(text, pattern)) -}}
{% endmacro %}

{% macro default__matches_pattern(text, pattern) -%}
    regexp_matches({{ text }}, '{{ pattern }}')
{%- endmacro %}

{% macro postgres__matches_pattern(text, pattern) -%}
    ({{ text }} ~ '{{ pattern }}')
{%- endmacro %}

{% macro spark__matches_pattern(text, pattern) -%}
    ({{ text }} rlike '{{ pattern | replace('\\', '\\\\') }}')
{%- endmacro %}

{% macro bigquery__matches_pattern(text, pattern) -%}
    regexp_contains({{ text }}, r'{{ pattern }}')
{%- endmacro %}

{# Not regexp_like, which wants the whole text to match. #}
{% macro snowflake__matches_pattern(text, pattern) -%}
    (regexp_instr({{ text }}, '{{ pattern | replace('\\', '\\\\') }}') > 0)
{%- endmacro %}

{% macro redshift__matches_pattern(text, pattern) -%}
    ({{ text }} ~ '{{ pattern | replace('\\', '\\\\') }}')
{%- endmacro %}

{% macro trino__matches_pattern(text, pattern) -%}
    regexp_like({{ text }}, '{{ pattern }}')
{%- endmacro %}
