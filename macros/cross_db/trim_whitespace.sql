{#
    Trim blanks of every kind: spaces, tabs, line ends, no-break and zero-width spaces, a byte order mark.

    ' Anna<tab>' -> 'Anna'. Call: trim_whitespace('raw.first_name')
#}
{% macro trim_whitespace(text) %}
    {{- return(adapter.dispatch('trim_whitespace', 'customer_lifecycle')(text)) -}}
{% endmacro %}

{% macro default__trim_whitespace(text) -%}
    trim({{ text }}, ' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || chr(160) || chr(8203) || chr(8239) || chr(65279))
{%- endmacro %}

{# Do not simplify: trimming ten kinds of blanks takes ten times as long as seeing that there is none at either end. #}
{% macro duckdb__trim_whitespace(text) -%}
    case
        when {{ text }} between '!' and '~' and reverse({{ text }}) between '!' and '~' then {{ text }}
        when {{ text }} is not null then {{ customer_lifecycle.default__trim_whitespace(text) }}
    end
{%- endmacro %}

{# chr() knows ASCII only. #}
{% macro spark__trim_whitespace(text) -%}
    btrim({{ text }}, ' \t\n\u000b\u000c\r\u00a0\u200b\u202f\ufeff')
{%- endmacro %}

{% macro redshift__trim_whitespace(text) -%}
    btrim({{ text }}, ' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || chr(160) || chr(8203) || chr(8239) || chr(65279))
{%- endmacro %}

{% macro trino__trim_whitespace(text) -%}
    trim(both ' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || chr(160) || chr(8203) || chr(8239) || chr(65279) from {{ text }})
{%- endmacro %}
