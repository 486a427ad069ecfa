{# Whole days from one date to a later one, an integer.  days_between('first_date', 'last_date') -> last_date - first_date #}
{% macro days_between(first_date, last_date) -%}
    {{ return(adapter.dispatch('days_between', 'customer_lifecycle')(first_date, last_date)) }}
{%- endmacro %}

{% macro default__days_between(first_date, last_date) -%}
    ({{ last_date }} - {{ first_date }})
{%- endmacro %}

{% macro spark__days_between(first_date, last_date) -%}
    datediff({{ last_date }}, {{ first_date }})
{%- endmacro %}

{% macro bigquery__days_between(first_date, last_date) -%}
    date_diff({{ last_date }}, {{ first_date }}, day)
{%- endmacro %}

{% macro snowflake__days_between(first_date, last_date) -%}
    datediff(day, {{ first_date }}, {{ last_date }})
{%- endmacro %}

{% macro redshift__days_between(first_date, last_date) -%}
    cast(datediff(day, {{ first_date }}, {{ last_date }}) as integer)
{%- endmacro %}

{% macro trino__days_between(first_date, last_date) -%}
    cast(date_diff('day', {{ first_date }}, {{ last_date }}) as integer)
{%- endmacro %}
