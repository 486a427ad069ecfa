{# join_integers('first', 'last') -> nothing, where the select list makes the rows, else a join: see unnest_integers #}
{% macro join_integers(first, last) %}{{ return(adapter.dispatch('join_integers', 'customer_lifecycle')(first, last)) }}{% endmacro %}
{% macro default__join_integers(first, last) %}{% endmacro %}
{% macro bigquery__join_integers(first, last) %}cross join unnest(generate_array({{ first }}, {{ last }} - 1)) as each_integer{% endmacro %}
{% macro snowflake__join_integers(first, last) -%}
    cross join lateral flatten(input => array_generate_range({{ first }}, {{ last }})) as each_integer
{%- endmacro %}
{# Redshift makes no rows: the integers are the digits of five places, numbers up to 99,999. #}
{% macro redshift__join_integers(first, last) -%}
    inner join (
        {%- set places = ['ones', 'tens', 'hundreds', 'thousands', 'ten_thousands'] %}
        select {% for place in places %}{{ place }}.digit * {{ 10 ** loop.index0 }}{{ ' + ' if not loop.last }}{% endfor %} as integer_number
        from {% for place in places -%}
        {{ 'cross join ' if not loop.first }}({% for digit in range(10) %}select {{ digit }} as digit{{ ' union all ' if not loop.last }}{% endfor %}) as {{ place }}
        {% endfor -%}
    ) as each_integer on each_integer.integer_number >= {{ first }} and each_integer.integer_number < {{ last }}
{%- endmacro %}
{# At most 10,000 integers a row; a sequence that would run backwards does. #}
{% macro trino__join_integers(first, last) -%}
    cross join unnest(
        case when {{ first }} < {{ last }} then sequence(cast({{ first }} as integer), cast({{ last }} as integer) - 1) else cast(array[] as array(integer)) end
    ) as each_integer (integer_number)
{%- endmacro %}
