{#
    One row per day from one date to another, both included; for the select list of a query.

    2024-01-30, 2024-02-01 -> three rows. Call: select dates_between('first_date', 'last_date') as date_day from spans
#}
{% macro dates_between(first_date, last_date) %}
    {{- return(adapter.dispatch('dates_between', 'customer_lifecycle')(first_date, last_date)) -}}
{% endmacro %}

{% macro default__dates_between(first_date, last_date) -%}
    cast(unnest(generate_series(cast({{ first_date }} as timestamp), cast({{ last_date }} as timestamp), interval '1 day')) as date)
{%- endmacro %}

{% macro postgres__dates_between(first_date, last_date) -%}
    cast(generate_series(cast({{ first_date }} as timestamp), cast({{ last_date }} as timestamp), interval '1 day') as date)
{%- endmacro %}

{# sequence() counts down where the last date is before the first: there must be no row then #}
{% macro spark__dates_between(first_date, last_date) -%}
    explode(filter(
        sequence({{ first_date }}, greatest({{ first_date }}, {{ last_date }}), interval 1 day),
        day_of_span -> day_of_span <= {{ last_date }}
    ))
{%- endmacro %}
