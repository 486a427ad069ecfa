-- One row per customer with events: the fingerprint of the history that the incremental tables hold. Written last: after an
-- interrupted build the next one computes the same customers again.
-- depends_on: {{ ref('customer_stages_daily') }}
-- depends_on: {{ ref('int_stay_causes') }}
with

int_recorded_fingerprints as (
    select
        customer_key,
        customer_id,
        fact_count,
        history_fingerprint,
        thresholds_fingerprint
    from {{ ref('int_customer_fingerprints') }}
)

select * from int_recorded_fingerprints
