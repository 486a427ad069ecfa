{# Between two queries: their rows together, equal ones once.
   union_distinct() -> union, on BigQuery union distinct.   1, 2 and 2, 3 -> 1, 2, 3 #}
{% macro union_distinct() %}{{ return(adapter.dispatch('union_distinct', 'customer_lifecycle')()) }}{% endmacro %}
{% macro default__union_distinct() %}union{% endmacro %}
{% macro bigquery__union_distinct() %}union distinct{% endmacro %}
