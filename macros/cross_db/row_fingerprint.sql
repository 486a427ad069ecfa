{# A whole number that tells rows apart and is the same for equal rows; summed up it tells sets of rows apart.
   row_fingerprint(['source_row', 'event_date']) -> hash(source_row, event_date), a number of up to 20 digits #}
{% macro row_fingerprint(columns) %}{{ return(adapter.dispatch('row_fingerprint', 'customer_lifecycle')(columns)) }}{% endmacro %}
{% macro default__row_fingerprint(columns) %}hash({{ columns | join(', ') }}){% endmacro %}
{% macro postgres__row_fingerprint(columns) %}hashtextextended(cast(row({{ columns | join(', ') }}) as text), 0){% endmacro %}
{# A decimal, as a sum of whole numbers would overflow. The hash passes over nulls: each column says whether it is one. #}
{% macro spark__row_fingerprint(columns) -%}
    cast(xxhash64({% for column in columns %}{{ column }}, {{ column }} is null{{ ', ' if not loop.last }}{% endfor %}) as decimal(38, 0))
{%- endmacro %}
{% macro bigquery__row_fingerprint(columns) %}cast(farm_fingerprint(to_json_string(struct({{ columns | join(', ') }}))) as bignumeric){% endmacro %}
{% macro redshift__row_fingerprint(columns) -%}
    {%- set nested = namespace(hash=none) -%}
    {%- for column in columns -%}
        {%- set nested.hash = "fnv_hash(" ~ column ~ (", " ~ nested.hash if nested.hash else "") ~ ")" -%}
    {%- endfor -%}
    {{ nested.hash }}
{%- endmacro %}
{% macro trino__row_fingerprint(columns) -%}
    cast(from_big_endian_64(xxhash64(to_utf8(json_format(cast(row({{ columns | join(', ') }}) as json))))) as decimal(38, 0))
{%- endmacro %}
