{# After a table is built: let the planner know its size and values. Without it PostgreSQL takes a table of one row for one of
   thousands, and a build of a minute an hour. A post-hook: gather_statistics() -> 'analyze "db"."staging"."orders"', or nothing #}
{% macro gather_statistics() %}{{- return(adapter.dispatch('gather_statistics', 'customer_lifecycle')()) -}}{% endmacro %}
{% macro default__gather_statistics() %}{% endmacro %}
{% macro postgres__gather_statistics() %}{%- if model.config.materialized not in ['view', 'ephemeral'] -%} analyze {{ this }} {%- endif -%}{% endmacro %}
