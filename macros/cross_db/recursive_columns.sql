{# The column list of a recursive CTE, which some engines insist on and one does not know.
   recursive_columns(['person_id', 'depth']) -> (person_id, depth).  Call: chains {{ recursive_columns([...]) }} as ( ... )
#}
{% macro recursive_columns(columns) %}{{ return(adapter.dispatch('recursive_columns', 'customer_lifecycle')(columns)) }}{% endmacro %}
{% macro default__recursive_columns(columns) %}({{ columns | join(', ') }}){% endmacro %}
{% macro bigquery__recursive_columns(columns) %}{% endmacro %}
