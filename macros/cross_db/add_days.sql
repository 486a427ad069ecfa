{# A date moved by whole days, a number or a column.  add_days('order_date', 90) -> order_date + 90
   Not dbt.dateadd: it makes a timestamp of a date on DuckDB, PostgreSQL and Spark. #}
{% macro add_days(date, days) %}{{ return(adapter.dispatch('add_days', 'customer_lifecycle')(date, days)) }}{% endmacro %}
{% macro default__add_days(date, days) %}({{ date }} + cast({{ days }} as integer)){% endmacro %}
{% macro spark__add_days(date, days) %}date_add({{ date }}, cast({{ days }} as integer)){% endmacro %}
{% macro bigquery__add_days(date, days) %}date_add({{ date }}, interval cast({{ days }} as int64) day){% endmacro %}
{% macro snowflake__add_days(date, days) %}dateadd(day, {{ days }}, {{ date }}){% endmacro %}
{% macro redshift__add_days(date, days) %}cast(dateadd(day, cast({{ days }} as integer), {{ date }}) as date){% endmacro %}
{% macro trino__add_days(date, days) %}date_add('day', {{ days }}, {{ date }}){% endmacro %}
