{# Trim blanks of every kind: spaces, tabs, line ends, no-break and zero-width spaces, marks of direction, a byte order mark.
   ' Anna<tab>' -> 'Anna'. Call: trim_whitespace('raw.first_name') #}
{% macro trim_whitespace(text) %}{{ return(adapter.dispatch('trim_whitespace', 'customer_lifecycle')(text)) }}{% endmacro %}
{% macro blanks() %}' '{% for code in [9, 10, 11, 12, 13, 160, 173, 8199, 8201, 8203, 8206, 8207, 8234, 8235, 8236, 8239, 8288, 12288, 65279] %} || chr({{ code }}){% endfor %}{% endmacro %}
{% macro default__trim_whitespace(text) %}trim({{ text }}, {{ customer_lifecycle.blanks() }}){% endmacro %}
{# Do not simplify: trimming ten kinds of blanks takes ten times as long as seeing that there is none at either end. #}
{% macro duckdb__trim_whitespace(text) -%}
    case
        when {{ text }} between '!' and '~' and reverse({{ text }}) between '!' and '~' then {{ text }}
        when {{ text }} is not null then {{ customer_lifecycle.default__trim_whitespace(text) }}
    end
{%- endmacro %}
{# chr() knows ASCII only. #}
{% macro spark__trim_whitespace(text) %}btrim({{ text }}, ' \t\n\u000b\u000c\r\u00a0\u00ad\u2007\u2009\u200b\u200e\u200f\u202a\u202b\u202c\u202f\u2060\u3000\ufeff'){% endmacro %}
{% macro redshift__trim_whitespace(text) %}btrim({{ text }}, {{ customer_lifecycle.blanks() }}){% endmacro %}
{% macro trino__trim_whitespace(text) %}trim(both {{ customer_lifecycle.blanks() }} from {{ text }}){% endmacro %}
