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
