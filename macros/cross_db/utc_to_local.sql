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

{% macro bigquery__utc_to_local(utc_timestamp, zone) -%}
    timestamp(datetime({{ utc_timestamp }}, '{{ zone }}'))
{%- endmacro %}

{% macro snowflake__utc_to_local(utc_timestamp, zone) -%}
    convert_timezone('UTC', '{{ zone }}', {{ utc_timestamp }})
{%- endmacro %}

{% macro spark__utc_to_local(utc_timestamp, zone) -%}
    convert_timezone('UTC', '{{ zone }}', {{ utc_timestamp }})
{%- endmacro %}

{% macro redshift__utc_to_local(utc_timestamp, zone) -%}
    convert_timezone('UTC', '{{ zone }}', {{ utc_timestamp }})
{%- endmacro %}

{% macro trino__utc_to_local(utc_timestamp, zone) -%}
    cast(at_timezone(with_timezone({{ utc_timestamp }}, 'UTC'), '{{ zone }}') as timestamp(6))
{%- endmacro %}
