-- One row per customer with rows or links: the fingerprint of what the incremental tables were computed from. Written after
-- them: after an interrupted build the next one computes the same customers again.
-- depends_on: {{ ref('customer_lifecycle', 'customer_stages_daily') }}
-- depends_on: {{ ref('customer_lifecycle', 'int_stage_period_causes') }}
-- depends_on: {{ ref('customer_lifecycle', 'int_stage_restatements') }}
{{ config(materialized=incremental_or_table(), pre_hook='{{ delete_changed_customers() }}') }}
{% set was_compared = last_complete_build() %}
{% set fingerprints = ref('customer_lifecycle', 'int_customer_fingerprints') %}
with

changed_customers as (
    select * from {{ ref('customer_lifecycle', 'int_changed_customers') }}
),

fingerprints as (
    {% if was_compared -%}
    -- a customer that has vanished has none
    select customer_key, input_fingerprint, threshold_fingerprint from changed_customers
    where input_fingerprint is not null
    {%- else -%}
    -- there was nothing to compare with, so that they were not needed before
    select customer_key, input_fingerprint, threshold_fingerprint from {{ fingerprints }}
    {%- endif %}
),

int_recorded_fingerprints as (
    select
        changed_customers.customer_key,
        changed_customers.customer_id,
        changed_customers.brand,
        changed_customers.threshold_segment,
        fingerprints.input_fingerprint,
        fingerprints.threshold_fingerprint
    from changed_customers
    inner join fingerprints on changed_customers.customer_key = fingerprints.customer_key
)

select * from int_recorded_fingerprints
