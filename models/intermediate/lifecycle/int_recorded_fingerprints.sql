-- One row per customer with events or links: the fingerprint of the history that the incremental tables hold. Written last:
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
with

{{ history_fingerprints('int_recorded_fingerprints', events='int_customer_events', computed_only=true) }}

select * from int_recorded_fingerprints
