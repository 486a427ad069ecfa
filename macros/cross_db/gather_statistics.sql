{#
    After a table is built: let the planner know its size and values, on engines that do not gather that by themselves in
    time. Without it PostgreSQL takes a table of one row for one of thousands, and a minute's build for an hour's.

    gather_statistics() -> 'analyze "db"."staging"."base_shop__orders"', or nothing. Call: as a post-hook of models and seeds
#}
{% macro gather_statistics() %}
    {{- return(adapter.dispatch('gather_statistics', 'customer_lifecycle')()) -}}
{% endmacro %}

{% macro default__gather_statistics() -%}
{%- endmacro %}

{% macro postgres__gather_statistics() -%}
    {%- if model.config.materialized not in ['view', 'ephemeral'] -%} analyze {{ this }} {%- endif -%}
{%- endmacro %}
