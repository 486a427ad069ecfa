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

{# These take the first of an hour that occurs twice by themselves, as Java does; BigQuery, Snowflake and Redshift are not known to. #}
{% macro spark__local_to_utc(local_timestamp, zone) -%}
    convert_timezone('{{ zone }}', 'UTC', {{ local_timestamp }})
{%- endmacro %}

{% macro trino__local_to_utc(local_timestamp, zone) -%}
    cast(at_timezone(with_timezone({{ local_timestamp }}, '{{ zone }}'), 'UTC') as timestamp(6))
{%- endmacro %}

{% macro bigquery__local_to_utc(local_timestamp, zone) -%}
    timestamp(datetime({{ local_timestamp }}), '{{ zone }}')
{%- endmacro %}

{% macro snowflake__local_to_utc(local_timestamp, zone) -%}
    convert_timezone('{{ zone }}', 'UTC', {{ local_timestamp }})
{%- endmacro %}

{% macro redshift__local_to_utc(local_timestamp, zone) -%}
    convert_timezone('{{ zone }}', 'UTC', {{ local_timestamp }})
{%- endmacro %}
