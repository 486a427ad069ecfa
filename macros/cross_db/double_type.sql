{# double_type() -> double precision, a floating number of 8 bytes. Not dbt.type_float: 4 bytes on DuckDB #}
{% macro double_type() %}{{ return(adapter.dispatch('double_type', 'customer_lifecycle')()) }}{% endmacro %}
{% macro default__double_type() %}double precision{% endmacro %}
{% macro bigquery__double_type() %}float64{% endmacro %}
{% macro spark__double_type() %}double{% endmacro %}
{% macro trino__double_type() %}double{% endmacro %}
