{# A date moved by whole calendar months, a number or a column; the day is cut to the month's last.
   add_months('started_date', '1'): 2024-01-31 -> 2024-02-29. Not dbt.dateadd: see add_days. #}
{% macro add_months(date, months) %}{{ return(adapter.dispatch('add_months', 'customer_lifecycle')(date, months)) }}{% endmacro %}
{% macro default__add_months(date, months) %}cast({{ date }} + cast({{ months }} as integer) * interval '1 month' as date){% endmacro %}
{% macro spark__add_months(date, months) %}add_months({{ date }}, cast({{ months }} as integer)){% endmacro %}
{% macro bigquery__add_months(date, months) %}date_add({{ date }}, interval cast({{ months }} as int64) month){% endmacro %}
{# No add_months here and on Redshift: it takes the last day of a month to the last day of the other. #}
{% macro snowflake__add_months(date, months) %}dateadd(month, {{ months }}, {{ date }}){% endmacro %}
{% macro redshift__add_months(date, months) %}cast(dateadd(month, cast({{ months }} as integer), {{ date }}) as date){% endmacro %}
{% macro trino__add_months(date, months) %}date_add('month', {{ months }}, {{ date }}){% endmacro %}
