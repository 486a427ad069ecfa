{#
    A timestamp with time zone, or a text with an offset, as a timestamp in UTC without zone; null for a text that is none.

    '2024-01-01T10:00:00+02:00' -> 2024-01-01 08:00:00. Call: offset_to_utc('text_column')
#}
{% macro offset_to_utc(value) %}
    {{- return(adapter.dispatch('offset_to_utc', 'customer_lifecycle')(value)) -}}
{% endmacro %}

{% macro default__offset_to_utc(value) -%}
    timezone('UTC', try_cast({{ value }} as timestamp with time zone))
{%- endmacro %}

{# Offsets, Z, UTC and GMT; other names of zones are no ISO 8601 and count as unparseable. #}
{% macro postgres__offset_to_utc(value) -%}
    {%- set text = 'cast(' ~ value ~ ' as text)' -%}
    case
        when {{ text }} ~ '^{{ customer_lifecycle.postgres_date_pattern() }}[T ]{{ customer_lifecycle.postgres_time_pattern() }}(Z|z| ?UTC| ?GMT|[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?)$'
        then timezone('UTC', cast(regexp_replace({{ text }}, '([.][0-9]{6})[0-9]+', '\1') as timestamp with time zone))
    end
{%- endmacro %}
