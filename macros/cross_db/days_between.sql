{# Whole days from one date to a later one, an integer.  days_between('first_date', 'last_date') -> last_date - first_date
   Not dbt.datediff: it goes by way of timestamps, row by row, and has no integer on Trino. #}
{% macro days_between(start, end) %}{{ return(adapter.dispatch('days_between', 'customer_lifecycle')(start, end)) }}{% endmacro %}
{% macro default__days_between(start, end) %}({{ end }} - {{ start }}){% endmacro %}
{% macro spark__days_between(start, end) %}datediff({{ end }}, {{ start }}){% endmacro %}
{% macro bigquery__days_between(start, end) %}date_diff({{ end }}, {{ start }}, day){% endmacro %}
{% macro snowflake__days_between(start, end) %}datediff(day, {{ start }}, {{ end }}){% endmacro %}
{% macro redshift__days_between(start, end) %}cast(datediff(day, {{ start }}, {{ end }}) as integer){% endmacro %}
{% macro trino__days_between(start, end) %}cast(date_diff('day', {{ start }}, {{ end }}) as integer){% endmacro %}
