{# For a CTE that is read more than once: compute it where it is read, for that reader only, instead of storing it whole.
   inlined() -> 'not materialized'. Call: orders as {{ inlined() }} ( select ... ) #}
{% macro inlined() %}{{- return(adapter.dispatch('inlined', 'customer_lifecycle')()) -}}{% endmacro %}
{% macro default__inlined() %}{% endmacro %}
{% macro duckdb__inlined() %}not materialized{% endmacro %}
{# Do not inline here: PostgreSQL would put each step's expressions into the next step's, as often as they occur there, and
   a chain of ten steps becomes an expression of many megabytes. #}
{% macro postgres__inlined() %}materialized{% endmacro %}
{% macro redshift__inlined() %}{% endmacro %}
