{# Calendar months or weeks from one date's to a later date's, an integer, whatever their days.
   periods_between('month', 'first_date', 'last_date')   2024-01-31, 2024-02-01 -> 1
   periods_between('week', 'first_date', 'last_date')    2024-05-12, 2024-05-13 (Sunday, Monday) -> 1 #}
{% macro periods_between(period, first_date, last_date) -%}
    {{ return(adapter.dispatch('periods_between', 'customer_lifecycle')(period, first_date, last_date)) }}
{%- endmacro %}
{% macro default__periods_between(period, first_date, last_date) -%}
    {%- if period == 'month' -%}
        cast(
            (extract(year from {{ last_date }}) - extract(year from {{ first_date }})) * 12
            + extract(month from {{ last_date }}) - extract(month from {{ first_date }})
            as integer
        )
    {%- else -%}
        {%- set first, last = customer_lifecycle.period_start(period, first_date), customer_lifecycle.period_start(period, last_date) -%}
        cast({{ customer_lifecycle.days_between(first, last) }} / 7 as integer)
    {%- endif -%}
{%- endmacro %}
{# The first day of the period that lies some periods after a period's first day.
   add_periods('month', 'cohort_date', 'period_number')   2024-01-01, 2 -> 2024-03-01 #}
{% macro add_periods(period, date, periods) -%}
    {%- if period == 'month' -%} {{ customer_lifecycle.add_months(date, periods) }}
    {%- else -%} {{ customer_lifecycle.add_days(date, '7 * (' ~ periods ~ ')') }} {%- endif -%}
{%- endmacro %}
