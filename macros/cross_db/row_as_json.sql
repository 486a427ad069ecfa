{# Columns as one JSON object, in text.
   {'order_id': 'raw__order_id'} -> '{"order_id":"A1"}'. Call: row_as_json({'order_id': 'raw__order_id'}) #}
{% macro row_as_json(columns) %}{{- return(adapter.dispatch('row_as_json', 'customer_lifecycle')(columns)) -}}{% endmacro %}
{# names_and_values({'order_id': 'raw__order_id', 'total': 'raw__total'}) -> 'order_id', raw__order_id, 'total', raw__total #}
{% macro names_and_values(columns, apostrophe="''") -%}
    {%- for name, value in columns.items() %}'{{ name | replace("'", apostrophe) }}', {{ value }}{{ ', ' if not loop.last }}{% endfor -%}
{%- endmacro %}
{% macro default__row_as_json(columns) %}cast(json_object({{ customer_lifecycle.names_and_values(columns) }}) as varchar){% endmacro %}
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
{% macro bigquery__row_as_json(columns) -%}
    to_json_string(struct(
        {%- for name, value in columns.items() %}{{ value }} as {{ adapter.quote(name) }}{{ ', ' if not loop.last }}{% endfor -%}
    ))
{%- endmacro %}
{# The keys come in alphabetical order. #}
{% macro snowflake__row_as_json(columns) %}to_json(object_construct_keep_null({{ customer_lifecycle.names_and_values(columns) }})){% endmacro %}
{# Key by key, because to_json writes dates and times in a form of its own. #}
{% macro spark__row_as_json(columns) -%}
    '{'
    {%- for name, value in columns.items() %} || {{ customer_lifecycle.text_literal((',' if not loop.first else '') ~ '"' ~ name ~ '":') }} || coalesce(
        case
            when typeof({{ value }}) in ('boolean', 'tinyint', 'smallint', 'int', 'bigint', 'float', 'double') or typeof({{ value }}) like 'decimal%'
            then cast({{ value }} as string)
            when {{ value }} is not null
            then regexp_extract(to_json(named_struct('a', cast({{ value }} as string))), '(?s)^.{5}(.*)[}]$', 1)
        end,
        'null'
    ){% endfor %} || '}'
{%- endmacro %}
{% macro databricks__row_as_json(columns) -%}
    to_json(named_struct({{ customer_lifecycle.names_and_values(columns, "\\'") }}), map('ignoreNullFields', 'false'))
{%- endmacro %}
{% macro redshift__row_as_json(columns) %}json_serialize(object({{ customer_lifecycle.names_and_values(columns) }})){% endmacro %}
{# Trino's own json_object takes no dates. #}
{% macro trino__row_as_json(columns) -%}
    json_format(cast(map(
        array[{% for name in columns %}'{{ name | replace("'", "''") }}'{{ ', ' if not loop.last }}{% endfor %}],
        array[{% for value in columns.values() %}cast({{ value }} as json){{ ', ' if not loop.last }}{% endfor %}]
    ) as json))
{%- endmacro %}
