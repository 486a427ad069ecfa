{# Increments: customers whose history or thresholds have changed since the last complete build are computed again, whole.
   int_changed_customers lists them: int_customer_fingerprints (now) compared with int_recorded_fingerprints (the last complete build).
   Each incremental table deletes their rows in a pre-hook and adds new ones, with the number of the build (join_current_build). The
   strategy delete+insert would not do: it deletes the keys of the rows that are added, and a customer that has vanished has none.
   A build is complete when its last table, int_recorded_build, is written; repeated after an interruption it has the same number. #}

{# incremental_or_table() -> 'incremental', or 'table' where no row can be deleted from a table; incremental_or_table('view') -> 'view' #}
{% macro incremental_or_table(materialized='incremental') -%}
    {{ return('table' if materialized == 'incremental' and not customer_lifecycle.can_increment() else materialized) }}
{%- endmacro %}
{# earlier_table('int_customer_events') -> the relation of that name as the last build left it, or none: none as well where every
   build is a full one. A look-up and not a ref, which would close a circle: this build writes the table later. #}
{% macro earlier_table(name) -%}
    {#- a unit test has no `this` -#}
    {%- set can_be_there = this and customer_lifecycle.can_increment() -%}
    {{ return(customer_lifecycle.existing(this.incorporate(path={'identifier': name})) if can_be_there else none) }}
{%- endmacro %}
{# Before anything is built: dbt-spark knows a table of Iceberg by its provider, which a session catalogue on Hive calls hive, and drops
   what it does not know before it writes it anew, though int_customers and int_published_* read themselves. Told, it replaces at once. #}
{% macro know_iceberg_tables() %}
    {% for node in graph.nodes.values() if target.type == 'spark' and node.config.file_format == 'iceberg' %}
        {% set relation = adapter.get_relation(node.database, node.schema, node.alias) %}
        {% if relation and not relation.is_iceberg and 'table_type=ICEBERG' in (relation.information or '') %}
            {% do adapter.cache_dropped(relation) %}
            {% do adapter.cache_added(relation.incorporate(is_iceberg=true)) %}
        {% endif %}
    {% endfor %}
{% endmacro %}
{# previous_build() -> the model's own table as the last build left it, or none #}
{% macro previous_build() %}{{ return(customer_lifecycle.earlier_table(this.identifier if this else none)) }}{% endmacro %}
{# last_complete_build() -> {name: relation} of the incremental tables if all of them are there, else none #}
{% macro last_complete_build() -%}
    {%- set tables = {} -%}
    {%- for name in [
        'int_customer_events', 'int_customer_lifespans', 'int_customer_purchase_days', 'int_customer_episodes',
        'int_customer_state_intervals', 'int_customer_stage_periods', 'int_stage_period_causes', 'int_customer_links',
        'int_recorded_fingerprints', 'int_recorded_build',
    ] -%}
        {%- do tables.update({name: customer_lifecycle.earlier_table(name)}) -%}
    {%- endfor -%}
    {{ return(none if none in tables.values() else tables) }}
{%- endmacro %}
{# computes_all_customers() -> does this build compute all customers? Before int_changed_customers is built, and in unit tests: yes.
   Asked while a model compiles, so that a full build reads its raw rows without a join. #}
{% macro computes_all_customers() -%}
    {%- set changed_customers = ref('customer_lifecycle', 'int_changed_customers') -%}
    {%- if not customer_lifecycle.earlier_table('int_changed_customers') -%}{{ return(true) }}{%- endif -%}
    {{ return(customer_lifecycle.answer_of('select 1 from ' ~ changed_customers ~ ' where is_full_refresh limit 1').rows | length > 0) }}
{%- endmacro %}
{# Pre-hook of an incremental table: deletes the rows of the customers that this build computes, or that another model lists. #}
{% macro delete_changed_customers(key='customer_key', customers='int_changed_customers') -%}
    {%- set customers = ref('customer_lifecycle', customers) -%}
    {%- if is_incremental() -%}
        delete from {{ this }}
        where
            {{ key }} in (select {{ key }} from {{ customers }})
            or exists (select 1 from {{ customers }} where is_full_refresh)
    {%- endif -%}
{%- endmacro %}
{# Pre-hook of customer_stages_daily: deletes the days that the last complete build had not published, or this one does not. #}
{% macro delete_later_days() -%}
    {%- set current_build = ref('customer_lifecycle', 'int_current_build') -%}
    {%- if is_incremental() -%} delete from {{ this }} where date_day >= (select compared_to from {{ current_build }}) {%- endif -%}
{%- endmacro %}
{# Pre-hook of tables that no build begins again, such as int_stage_restatements: deletes what this build had found before it was interrupted. #}
{% macro delete_interrupted_build() -%}
    {%- set current_build = ref('customer_lifecycle', 'int_current_build') -%}
    {%- if is_incremental() -%} delete from {{ this }} where build_number = (select build_number from {{ current_build }}) {%- endif -%}
{%- endmacro %}
{# Post-hook of int_stage_restatements: deletes the rows of customers that were erased and have not come back. #}
{% macro delete_erased_customers() -%}
    {%- set erased_ids = ref('customer_lifecycle', 'int_erased_ids') -%}
    {%- set customers = ref('customer_lifecycle', 'int_customers') -%}
    {%- if customer_lifecycle.can_increment() -%}
        delete from {{ this }}
        where
            customer_id not in (select customer_id from {{ customers }})
            and customer_id in (select person_id from {{ erased_ids }})
    {%- endif -%}
{%- endmacro %}
