{# What a model asks the warehouse while it is compiled, which dbt's graph does not show: these two questions and found_columns().
   answer_of('select 1 as a') -> the rows of the query, a table of agate; call it where `execute` is true #}
{% macro answer_of(query) %}{{ return(run_query(query)) }}{% endmacro %}
{# existing(a relation) -> the relation as it stands in the warehouse, or none; none as well while dbt parses #}
{% macro existing(relation) %}{{ return(load_relation(relation) if execute and relation else none) }}{% endmacro %}
