{# The end of what is known for ever unless it ended by the as-of date; an end after it is not known yet.
   known_until('deleted_date', 'as_of.as_of_date') -> deleted_date, or the end of time #}
{% macro known_until(date, as_of_date) -%}
    case when {{ date }} <= {{ as_of_date }} then {{ date }} else {{ customer_lifecycle.end_of_time() }} end
{%- endmacro %}
