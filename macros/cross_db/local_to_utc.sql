{# A local timestamp of a zone in UTC; an hour that occurs twice is its first, one that never occurs moves on by the gap.
   2024-01-02 00:30:00, Europe/Paris -> 2024-01-01 23:30:00. Call: local_to_utc('local_at', 'Europe/Paris') #}
{% macro local_to_utc(moment, zone) %}{{ return(adapter.dispatch('local_to_utc', 'customer_lifecycle')(moment, zone)) }}{% endmacro %}
{# DuckDB and PostgreSQL take the second of an hour that occurs twice: the first has the offset of the day before. #}
{% macro default__local_to_utc(moment, zone) -%}
    {%- set second = "timezone('UTC', timezone('" ~ zone ~ "', " ~ moment ~ "))" -%}
    {%- set day_before = "(" ~ second ~ " - interval '1 day')" -%}
    {%- set first = "(" ~ moment ~ " - (" ~ customer_lifecycle.utc_to_local(day_before, zone) ~ " - " ~ day_before ~ "))" -%}
    case when {{ customer_lifecycle.utc_to_local(first, zone) }} = {{ moment }} then {{ first }} else {{ second }} end
{%- endmacro %}
{# Spark and Trino take the first by themselves, as Java does; BigQuery, Snowflake and Redshift are not known to. #}
{% macro spark__local_to_utc(moment, zone) %}convert_timezone('{{ zone }}', 'UTC', {{ moment }}){% endmacro %}
{% macro trino__local_to_utc(moment, zone) %}cast(at_timezone(with_timezone({{ moment }}, '{{ zone }}'), 'UTC') as timestamp(6)){% endmacro %}
{% macro bigquery__local_to_utc(moment, zone) %}timestamp(datetime({{ moment }}), '{{ zone }}'){% endmacro %}
{% macro snowflake__local_to_utc(moment, zone) %}convert_timezone('{{ zone }}', 'UTC', {{ moment }}){% endmacro %}
{% macro redshift__local_to_utc(moment, zone) %}convert_timezone('{{ zone }}', 'UTC', {{ moment }}){% endmacro %}
