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

{% macro default__local_to_utc(local_timestamp, zone) -%}
    timezone('UTC', timezone('{{ zone }}', {{ local_timestamp }}))
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
