{#
    Increments: customers whose history has changed since the last complete build are computed again, whole.

    int_customer_fingerprints sums up what each history is made from as the raw data are now, int_recorded_fingerprints as they
    were when the last build had got through all of the incremental tables; int_customers_to_compute is the difference. Each
    incremental table forgets those customers before it adds them anew, so that a build that was interrupted is simply done
    again. The rows that it adds carry the number of the build: the steps after it read them by that (join_current_build).
#}

{# The incremental tables that must be there for an increment to make sense; without one of them everybody is computed. #}
{% macro incremental_tables() -%}
    {{ return([
        'int_customer_events', 'int_customer_lifespans', 'int_customer_purchase_days', 'int_customer_episodes',
        'int_customer_state_intervals', 'int_customer_stay_periods', 'int_stay_causes', 'int_customer_links', 'int_recorded_build',
    ]) }}
{%- endmacro %}

{# incremental_or_table() -> how an incremental table is materialised: as a table, whole at each build, where no row can be deleted.
   Call: config(materialized=incremental_or_table()); incremental_or_table('view') -> view #}
{% macro incremental_or_table(materialized='incremental') -%}
    {{ return('table' if materialized == 'incremental' and not customer_lifecycle.can_increment() else materialized) }}
{%- endmacro %}

{# previous_build() -> the table as the last build left it, or none: none as well where a table is dropped before it is built again #}
{% macro previous_build() -%}
    {{ return(load_relation(this) if execute and customer_lifecycle.can_increment() else none) }}
{%- endmacro %}

{# recorded_fingerprints() -> the relation of the last complete build's fingerprints, or none if everybody has to be computed #}
{% macro recorded_fingerprints() -%}
    {%- if not execute or flags.FULL_REFRESH or not customer_lifecycle.can_increment() -%}
        {{ return(none) }}
    {%- endif -%}
    {%- for name in customer_lifecycle.incremental_tables() -%}
        {%- if load_relation(this.incorporate(path={'identifier': name})) is none -%}
            {{ return(none) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(customer_lifecycle.fingerprint_record()) }}
{%- endmacro %}

{# fingerprint_record() -> the relation of the last complete build's fingerprints, or none: none as well if an earlier version of this
   project wrote them, as they say something else. It is looked up rather than referred to: it is written last, and a reference would
   close a circle. #}
{% macro fingerprint_record() -%}
    {%- set record = customer_lifecycle.earlier_table('int_recorded_fingerprints') -%}
    {%- set columns = adapter.get_columns_in_relation(record) | map(attribute='name') | map('lower') if record else [] -%}
    {{ return(record if 'input_fingerprint' in columns else none) }}
{%- endmacro %}

{# computes_everybody() -> does this build compute all customers? Asked of int_customers_to_compute, or of another model with that
   column; true before there is one. #}
{% macro computes_everybody(customers='int_customers_to_compute') -%}
    {%- set computed = ref('customer_lifecycle', customers) -%}
    {#- in unit tests there is no `this` -#}
    {%- if not execute or not this or load_relation(computed) is none -%}
        {{ return(true) }}
    {%- endif -%}
    {{ return(run_query('select 1 from ' ~ computed ~ ' where is_everybody limit 1').rows | length > 0) }}
{%- endmacro %}

{# The pre-hook of an incremental table: away with the rows of the customers that are computed anew, be it everybody's; or of
   those that another model lists. #}
{% macro forget_changed_customers(key='customer_key', customers='int_customers_to_compute') -%}
    {%- set computed = ref('customer_lifecycle', customers) -%}
    {%- if is_incremental() -%}
        {#- BigQuery wants a condition, be it true -#}
        delete from {{ this }}
        where
        {% if customer_lifecycle.computes_everybody(customers) -%}
            true
        {%- else -%}
            {{ key }} in (select {{ key }} from {{ computed }})
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{# The pre-hook of a table by days: away with the days that the last complete build had not published, and with those after this
   one's as-of date. #}
{% macro forget_later_days() -%}
    {%- set current_build = ref('customer_lifecycle', 'int_current_build') -%}
    {%- if is_incremental() -%}
        delete from {{ this }}
        where date_day >= (select compared_to from {{ current_build }})
    {%- endif -%}
{%- endmacro %}
