{# A date moved by whole calendar months, a number or a column; the day is cut to the month's last.
   add_months('started_date', '1') -> cast(started_date + ... as date)   2024-01-31 and 1 -> 2024-02-29 #}
{% macro add_months(date, months) -%}
    {{ return(adapter.dispatch('add_months', 'customer_lifecycle')(date, months)) }}
{%- endmacro %}

{% macro default__add_months(date, months) -%}
    cast({{ date }} + cast({{ months }} as integer) * interval '1 month' as date)
{%- endmacro %}

{% macro spark__add_months(date, months) -%}
    add_months({{ date }}, cast({{ months }} as integer))
{%- endmacro %}
