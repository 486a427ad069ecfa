{# The first day of a date's month or week; weeks begin on Monday. Not dbt.date_trunc: timestamps, Sundays.
   period_start('month', 'ordered_date') -> cast(date_trunc('month', ordered_date) as date)   2024-05-17 -> 2024-05-01
   period_start('week', 'ordered_date')                                                       2024-05-17 -> 2024-05-13 #}
{% macro period_start(period, date) %}{{ return(adapter.dispatch('period_start', 'customer_lifecycle')(period, date)) }}{% endmacro %}
{% macro default__period_start(period, date) %}cast(date_trunc('{{ period }}', {{ date }}) as date){% endmacro %}
{% macro bigquery__period_start(period, date) %}date_trunc({{ date }}, {{ 'isoweek' if period == 'week' else period }}){% endmacro %}
{# Whatever the parameter week_start says: days since the Monday of 1900-01-01. #}
{% macro snowflake__period_start(period, date) -%}
    {%- if period != 'week' -%} {{ customer_lifecycle.default__period_start(period, date) }}
    {%- else -%} dateadd(day, -mod(datediff(day, cast('1900-01-01' as date), {{ date }}), 7), {{ date }})
    {%- endif -%}
{%- endmacro %}
