{# timestamp_type() -> timestamp, in UTC, without zone, of microseconds. Not dbt.type_timestamp: with zone on Spark #}
{% macro timestamp_type() %}{{ return(adapter.dispatch('timestamp_type', 'customer_lifecycle')()) }}{% endmacro %}
{% macro default__timestamp_type() %}timestamp{% endmacro %}
{% macro snowflake__timestamp_type() %}timestamp_ntz{% endmacro %}
{% macro spark__timestamp_type() %}timestamp_ntz{% endmacro %}
{% macro trino__timestamp_type() %}timestamp(6){% endmacro %}
