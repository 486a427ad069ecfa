{#
    Increments: customers whose history has changed since the last complete build are computed again, whole.

    int_customer_fingerprints sums up each history as it is now, int_recorded_fingerprints as it was when the last build had
    got through every incremental table, int_customers_to_compute is the difference. Each incremental table forgets those
    customers before it adds them anew, so that a build that was interrupted is simply done again.
#}

{# The incremental tables that must be there for an increment to make sense; without one of them everybody is computed. #}
{% macro incremental_tables() -%}
    {{ return([
        'int_customer_events', 'int_customer_lifespans', 'int_customer_purchase_days', 'int_customer_episodes',
        'int_customer_state_intervals', 'int_customer_stay_periods', 'int_stay_causes',
    ]) }}
{%- endmacro %}

{# recorded_fingerprints() -> the relation of the last complete build, or none if everybody has to be computed. It is looked
   up rather than referred to: it is written last, and a reference would close a circle. #}
{% macro recorded_fingerprints() -%}
    {%- if not execute or flags.FULL_REFRESH -%}
        {{ return(none) }}
    {%- endif -%}
    {%- for name in ['int_recorded_fingerprints'] + customer_lifecycle.incremental_tables() -%}
        {%- if load_relation(this.incorporate(path={'identifier': name})) is none -%}
            {{ return(none) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(this.incorporate(path={'identifier': 'int_recorded_fingerprints'})) }}
{%- endmacro %}

{# The pre-hook of an incremental table: away with the rows of the customers that are computed anew, be it everybody's. #}
{% macro forget_changed_customers(key='customer_key') -%}
    {%- set computed = ref('customer_lifecycle', 'int_customers_to_compute') -%}
    {%- if is_incremental() -%}
        delete from {{ this }}
        {% if not run_query('select 1 from ' ~ computed ~ ' where is_everybody limit 1').rows -%}
        where {{ key }} in (select {{ key }} from {{ computed }})
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{# The pre-hook of a table by days: away with what a build as of a later date has published. #}
{% macro forget_later_days() -%}
    {%- set as_of = ref('customer_lifecycle', 'stg_calendar__as_of_date') -%}
    {%- if is_incremental() -%}
        delete from {{ this }}
        where date_day > (select as_of_date from {{ as_of }})
    {%- endif -%}
{%- endmacro %}
