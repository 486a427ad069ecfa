{#
    Columns as one JSON object, in text.

    {'order_id': 'raw__order_id'} -> '{"order_id":"A1"}'. Call: row_as_json({'order_id': 'raw__order_id'})
#}
{% macro row_as_json(columns) %}
    {{- return(adapter.dispatch('row_as_json', 'customer_lifecycle')(columns)) -}}
{% endmacro %}

{% macro default__row_as_json(columns) -%}
    cast(json_object(
        {%- for name, value in columns.items() %}'{{ name | replace("'", "''") }}', {{ value }}{{ ', ' if not loop.last }}{% endfor -%}
    ) as varchar)
{%- endmacro %}

{# No json_build_object: it puts blanks around colons and takes at most fifty columns. #}
{% macro postgres__row_as_json(columns) -%}
    '{'
    {%- for name, value in columns.items() %} || '{{ ',' if not loop.first }}"{{ name | replace("'", "''") }}":' || coalesce(
        case
            when cast(pg_typeof({{ value }}) as text) in ('numeric', 'double precision', 'real', 'bigint', 'integer', 'smallint', 'boolean')
            then cast(to_json({{ value }}) as text)
            else cast(to_json(cast({{ value }} as text)) as text)
        end,
        'null'
    ){% endfor %} || '}'
{%- endmacro %}
