-- Step 1. One row per customer, fact and period [known_from, known_until) in which the fact is in the customer's history.
{{ config(
    materialized=incremental_or_table(), incremental_strategy=append_strategy(), pre_hook='{{ forget_changed_customers() }}',
) }}
-- what was published is saved before it is forgotten
-- depends_on: {{ ref('int_published_stays') }}
-- depends_on: {{ ref('int_published_facts') }}
with

int_customer_events as (
    select
        histories.customer_key,
        histories.event_kind,
        histories.source_table,
        histories.source_row,
        histories.event_date,
        histories.known_from,
        histories.known_until,
        histories.coverage_to
    from {{ ref('int_customer_histories') }} as histories
    {% if is_incremental() -%}
    inner join {{ ref('int_customers_to_compute') }} as computed on histories.customer_key = computed.customer_key
    {%- endif %}
)

select * from int_customer_events
