{# Before a model is built: what the engine must be told for the transaction, whatever the server's settings are.
   prepare_session() -> 'set local timezone to ''UTC''; ...', or nothing. Call: as a pre-hook of models #}
{% macro prepare_session() %}{{- return(adapter.dispatch('prepare_session', 'customer_lifecycle')()) -}}{% endmacro %}
{% macro default__prepare_session() %}{% endmacro %}
{# Time zone and date style: what timestamps are as text. No nested loops where another join will do: a filter on a case
   expression, as in every staging view, passes one row in two hundred by the planner's guess and nearly all in truth, and the
   loops chosen for it took 10,000 customers from 23 s to 160 s. No jit: it compiles longer than it runs. #}
{% macro postgres__prepare_session() -%}
    set local timezone to 'UTC';
    set local datestyle to 'ISO';
    set local enable_nestloop to off;
    set local jit to off
{%- endmacro %}
{% macro redshift__prepare_session() %}set timezone to 'UTC'{% endmacro %}
