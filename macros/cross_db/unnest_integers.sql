{# One row per integer of [first, last) for each row of a query: 0, 3 -> 0, 1, 2; 3, 3 -> no row. Some engines make rows in
   the select list, some in the from clause: two calls with the same arguments.
   select name, {{ unnest_integers('first', 'last') }} as number from spans {{ join_integers('first', 'last') }} #}
{% macro unnest_integers(first, last) %}{{ return(adapter.dispatch('unnest_integers', 'customer_lifecycle')(first, last)) }}{% endmacro %}
{% macro default__unnest_integers(first, last) -%}
    cast(unnest(range(cast({{ first }} as bigint), cast({{ last }} as bigint))) as integer)
{%- endmacro %}
{% macro postgres__unnest_integers(first, last) -%}
    cast(generate_series(cast({{ first }} as bigint), cast({{ last }} as bigint) - 1) as integer)
{%- endmacro %}
{# sequence() counts down where the last number is below the first: there must be no row then #}
{% macro spark__unnest_integers(first, last) -%}
    explode(filter(
        sequence(cast({{ first }} as integer), greatest(cast({{ first }} as integer), cast({{ last }} as integer) - 1)),
        number_of_span -> number_of_span < {{ last }}
    ))
{%- endmacro %}
{% macro bigquery__unnest_integers(first, last) %}each_integer{% endmacro %}
{% macro snowflake__unnest_integers(first, last) %}cast(each_integer.value as integer){% endmacro %}
{% macro redshift__unnest_integers(first, last) %}cast(each_integer.integer_number as integer){% endmacro %}
{% macro trino__unnest_integers(first, last) %}each_integer.integer_number{% endmacro %}
