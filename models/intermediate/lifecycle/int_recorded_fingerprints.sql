-- One row per customer with rows or links: the fingerprint of what the incremental tables were computed from. Written last:
-- after an interrupted build the next one computes the same customers again.
-- depends_on: {{ ref('customer_stages_daily') }}
-- depends_on: {{ ref('int_stay_causes') }}
-- depends_on: {{ ref('int_stage_restatements') }}
{{ config(
    materialized=incremental_or_table(),
    incremental_strategy=append_strategy(),
    on_schema_change='append_new_columns',
    pre_hook='{{ forget_changed_customers() }}',
) }}
-- depends_on: {{ ref('int_customer_fingerprints') }}
with

{% if computes_everybody() -%}
int_recorded_fingerprints as (
    select
        customers.customer_key,
        customers.customer_id,
        customers.brand,
        customers.threshold_segment,
        fingerprints.input_fingerprint,
        fingerprints.threshold_fingerprint
    from {{ ref('int_customer_fingerprints') }} as fingerprints
    inner join {{ ref('int_customers') }} as customers on fingerprints.customer_key = customers.customer_key
)
{%- else -%}
int_recorded_fingerprints as (
    -- of the vanished nothing is recorded
    select
        customer_key,
        customer_id,
        brand,
        threshold_segment,
        input_fingerprint,
        threshold_fingerprint
    from {{ ref('int_customers_to_compute') }}
    where input_fingerprint is not null
)
{%- endif %}

select * from int_recorded_fingerprints
