{#
    The name of the incremental strategy that adds rows and touches none.

    config(incremental_strategy=append_strategy()) -> 'append', or 'merge' on BigQuery
#}
{% macro append_strategy() -%}
    {{ return(adapter.dispatch('append_strategy', 'customer_lifecycle')()) }}
{%- endmacro %}

{% macro default__append_strategy() -%}
    {{ return('append') }}
{%- endmacro %}

{# BigQuery's adapter refuses append; its merge without a unique key matches nothing and adds all. #}
{% macro bigquery__append_strategy() -%}
    {{ return('merge') }}
{%- endmacro %}
