{#
    Increments: customers whose history has changed since the last complete build are computed again, whole.

    int_customer_fingerprints sums up each history as the raw data have it now, int_recorded_fingerprints as the incremental
    tables had it when the last build had got through all of them; int_customers_to_compute is the difference. Each
    incremental table forgets those customers before it adds them anew, so that a build that was interrupted is simply done
    again.
#}

{# The incremental tables that must be there for an increment to make sense; without one of them everybody is computed. #}
{% macro incremental_tables() -%}
    {{ return([
        'int_customer_events', 'int_customer_lifespans', 'int_customer_purchase_days', 'int_customer_episodes',
        'int_customer_state_intervals', 'int_customer_stay_periods', 'int_stay_causes', 'int_customer_links',
    ]) }}
{%- endmacro %}

{# can_increment() -> can rows be deleted from a table here? On Spark that is for the table format to say: setting spark_file_format #}
{% macro can_increment() -%}
    {{ return(adapter.dispatch('can_increment', 'customer_lifecycle')()) }}
{%- endmacro %}

{% macro default__can_increment() -%}
    {{ return(true) }}
{%- endmacro %}

{% macro spark__can_increment() -%}
    {{ return(customer_lifecycle.setting('spark_file_format') in ['delta', 'iceberg']) }}
{%- endmacro %}

{% macro databricks__can_increment() -%}
    {{ return(true) }}
{%- endmacro %}

{# incremental_or_table() -> how an incremental table is materialised: as a table, whole at each build, where no row can be deleted.
   Call: config(materialized=incremental_or_table()); incremental_or_table('view') -> view #}
{% macro incremental_or_table(materialized='incremental') -%}
    {{ return('table' if materialized == 'incremental' and not customer_lifecycle.can_increment() else materialized) }}
{%- endmacro %}

{# append_strategy() -> the name of the strategy that adds rows and touches none. Call: config(incremental_strategy=append_strategy()) #}
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

{# previous_build() -> the table as the last build left it, or none: none as well where a table is dropped before it is built again #}
{% macro previous_build() -%}
    {{ return(load_relation(this) if execute and customer_lifecycle.can_increment() else none) }}
{%- endmacro %}

{# recorded_fingerprints() -> the relation of the last complete build, or none if everybody has to be computed. It is looked
   up rather than referred to: it is written last, and a reference would close a circle. #}
{% macro recorded_fingerprints() -%}
    {%- if not execute or flags.FULL_REFRESH or not customer_lifecycle.can_increment() -%}
        {{ return(none) }}
    {%- endif -%}
    {%- for name in ['int_recorded_fingerprints'] + customer_lifecycle.incremental_tables() -%}
        {%- if load_relation(this.incorporate(path={'identifier': name})) is none -%}
            {{ return(none) }}
        {%- endif -%}
    {%- endfor -%}
    {%- set recorded = customer_lifecycle.earlier_table('int_recorded_fingerprints') -%}
    {%- set columns = adapter.get_columns_in_relation(recorded) | map(attribute='name') | map('lower') -%}
    {{ return(recorded if 'brand' in columns else none) }}
{%- endmacro %}

{#
    CTEs, the last of them called `name`: one row per customer with events or links, with a number that changes whenever
    anything changes that its stages are computed from. `events` is the model that holds the histories; with `computed_only`
    nobody but the customers computed in this build.

    (1, purchase, orders, 17, 2024-01-05, ...) (1, engagement, ...)  ->  (1, 'mary', 2, '8730…', '4412…')
#}
{% macro history_fingerprints(name, events, computed_only=false) -%}
customers as (
    select * from {{ ref('customer_lifecycle', 'int_customers') }}
),

facts as (
    select
        customer_key,
        {{ row_fingerprint([
            'event_kind', 'source_table', 'source_row', 'event_date', 'known_from', 'known_until', 'coverage_to',
        ]) }} as fingerprint
    from {{ ref('customer_lifecycle', events) }}

    union all

    select
        customer_key,
        {{ row_fingerprint(['absorbed_person_id', 'linked_date', 'source_table', 'source_row']) }} as fingerprint
    from {{ ref('customer_lifecycle', 'int_identity_takeovers') }}

    union all

    select customer_key, {{ row_fingerprint(['absorbed_by_customer_id', 'absorbed_date']) }} as fingerprint from customers
    where absorbed_date is not null
),

histories as (
    select customer_key, sum(fingerprint) as fingerprint, count(*) as fact_count
    from facts
    {%- if computed_only %}
    where customer_key in (
        select computed.customer_key from {{ ref('customer_lifecycle', 'int_customers_to_compute') }} as computed
    )
    {%- endif %}
    group by customer_key
),

thresholds as (
    select
        segment,
        {{ row_fingerprint(['segment'] + threshold_names()) }} as fingerprint
    from {{ ref('customer_lifecycle', 'lifecycle_thresholds') }}
),

{{ name }} as (
    select
        customers.customer_key,
        customers.customer_id,
        customers.brand,
        customers.threshold_segment,
        histories.fact_count,
        cast(histories.fingerprint as {{ text_type() }}) as history_fingerprint,
        cast(thresholds.fingerprint as {{ text_type() }}) as thresholds_fingerprint
    from histories
    inner join customers on histories.customer_key = customers.customer_key
    inner join thresholds on customers.threshold_segment = thresholds.segment
)
{%- endmacro %}

{# The pre-hook of an incremental table: away with the rows of the customers that are computed anew, be it everybody's; or of
   those that another model lists. #}
{% macro forget_changed_customers(key='customer_key', customers='int_customers_to_compute') -%}
    {%- set computed = ref('customer_lifecycle', customers) -%}
    {%- if is_incremental() -%}
        {#- BigQuery wants a condition, be it true -#}
        delete from {{ this }}
        where
        {% if run_query('select 1 from ' ~ computed ~ ' where is_everybody limit 1').rows -%}
            true
        {%- else -%}
            {{ key }} in (select {{ key }} from {{ computed }})
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
