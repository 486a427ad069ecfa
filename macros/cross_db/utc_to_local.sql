{# A timestamp in UTC as local time of a zone.
   2024-01-01 23:30:00, Europe/Paris -> 2024-01-02 00:30:00. Call: utc_to_local('ordered_at', 'Europe/Paris') #}
{% macro utc_to_local(moment, zone) %}{{ return(adapter.dispatch('utc_to_local', 'customer_lifecycle')(moment, zone)) }}{% endmacro %}
{% macro default__utc_to_local(moment, zone) %}timezone('{{ zone }}', timezone('UTC', {{ moment }})){% endmacro %}
{% macro bigquery__utc_to_local(moment, zone) %}timestamp(datetime({{ moment }}, '{{ zone }}')){% endmacro %}
{% macro snowflake__utc_to_local(moment, zone) %}convert_timezone('UTC', '{{ zone }}', {{ moment }}){% endmacro %}
{% macro spark__utc_to_local(moment, zone) %}convert_timezone('UTC', '{{ zone }}', {{ moment }}){% endmacro %}
{% macro redshift__utc_to_local(moment, zone) %}convert_timezone('UTC', '{{ zone }}', {{ moment }}){% endmacro %}
{% macro trino__utc_to_local(moment, zone) %}cast(at_timezone(with_timezone({{ moment }}, 'UTC'), '{{ zone }}') as timestamp(6)){% endmacro %}
