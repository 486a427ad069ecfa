{#
    A timestamp in UTC as local time of a zone.

    2024-01-01 23:30:00, Europe/Paris -> 2024-01-02 00:30:00. Call: utc_to_local('ordered_at', 'Europe/Paris')
#}
{% macro utc_to_local(utc_timestamp, zone) %}
    {{- return(adapter.dispatch('utc_to_local', 'customer_lifecycle')(utc_timestamp, zone)) -}}
{% endmacro %}

{% macro default__utc_to_local(utc_timestamp, zone) -%}
    timezone('{{ zone }}', timezone('UTC', {{ utc_timestamp }}))
{%- endmacro %}


{#
    A local timestamp of a zone in UTC; an hour that occurs twice is its first, one that never occurs moves on by the gap.

    2024-01-02 00:30:00, Europe/Paris -> 2024-01-01 23:30:00. Call: local_to_utc('local_at', 'Europe/Paris')
#}
{% macro local_to_utc(local_timestamp, zone) %}
    {{- return(adapter.dispatch('local_to_utc', 'customer_lifecycle')(local_timestamp, zone)) -}}
{% endmacro %}

{# Both engines by themselves take the second of an hour that occurs twice: the first is the one by the offset of the day before. #}
{% macro default__local_to_utc(local_timestamp, zone) -%}
    {%- set second = "timezone('UTC', timezone('" ~ zone ~ "', " ~ local_timestamp ~ "))" -%}
    {%- set day_before = "(" ~ second ~ " - interval '1 day')" -%}
    {%- set first = "(" ~ local_timestamp ~ " - (" ~ customer_lifecycle.utc_to_local(day_before, zone) ~ " - " ~ day_before ~ "))" -%}
    case
        when {{ customer_lifecycle.utc_to_local(first, zone) }} = {{ local_timestamp }} then {{ first }}
        else {{ second }}
    end
{%- endmacro %}


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
