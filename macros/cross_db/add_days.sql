{# A date moved by whole days, a number or a column.  add_days('order_date', 90) -> order_date + 90 #}
{% macro add_days(date, days) -%}
    {{ return(adapter.dispatch('add_days', 'customer_lifecycle')(date, days)) }}
{%- endmacro %}

{% macro default__add_days(date, days) -%}
    ({{ date }} + cast({{ days }} as integer))
{%- endmacro %}

{% macro spark__add_days(date, days) -%}
    date_add({{ date }}, cast({{ days }} as integer))
{%- endmacro %}
