{# One row per integer of [first, last): goes into a select list; the other columns repeat.
   unnest_integers('0', '3') -> unnest(range(0, 3)) -> 0, 1, 2 #}
{% macro unnest_integers(first, last) -%}
    {{ return(adapter.dispatch('unnest_integers', 'customer_lifecycle')(first, last)) }}
{%- endmacro %}

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
