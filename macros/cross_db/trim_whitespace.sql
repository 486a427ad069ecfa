{# Trim blanks of every kind: spaces, tabs, line ends, no-break and zero-width spaces, a byte order mark.
   ' Anna<tab>' -> 'Anna'. Call: trim_whitespace('raw.first_name') #}
{% macro trim_whitespace(text) %}
    {{- return(adapter.dispatch('trim_whitespace', 'customer_lifecycle')(text)) -}}
{% endmacro %}
{% macro blanks() %}' '{% for code in [9, 10, 11, 12, 13, 160, 8203, 8239, 65279] %} || chr({{ code }}){% endfor %}{% endmacro %}
{% macro default__trim_whitespace(text) %}trim({{ text }}, {{ customer_lifecycle.blanks() }}){% endmacro %}
{# Do not simplify: trimming ten kinds of blanks takes ten times as long as seeing that there is none at either end. #}
{% macro duckdb__trim_whitespace(text) -%}
    case
        when {{ text }} between '!' and '~' and reverse({{ text }}) between '!' and '~' then {{ text }}
        when {{ text }} is not null then {{ customer_lifecycle.default__trim_whitespace(text) }}
    end
{%- endmacro %}
{# chr() knows ASCII only. #}
{% macro spark__trim_whitespace(text) %}btrim({{ text }}, ' \t\n\u000b\u000c\r\u00a0\u200b\u202f\ufeff'){% endmacro %}
{% macro redshift__trim_whitespace(text) %}btrim({{ text }}, {{ customer_lifecycle.blanks() }}){% endmacro %}
{% macro trino__trim_whitespace(text) %}trim(both {{ customer_lifecycle.blanks() }} from {{ text }}){% endmacro %}
