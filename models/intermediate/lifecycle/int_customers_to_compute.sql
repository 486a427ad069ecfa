-- One row per customer whose stages are computed in this build: everybody in a full one, in an increment those whose history
-- is not what it was at the end of the last complete build, the vanished included.
-- depends_on: {{ ref('int_customer_fingerprints') }}
-- depends_on: {{ ref('int_customers') }}
{% set recorded = recorded_fingerprints() %}
with

{% if recorded -%}
fingerprints as (
    select * from {{ ref('int_customer_fingerprints') }}
),

recorded as (
    select * from {{ recorded }}
),

int_customers_to_compute as (
    select
        coalesce(fingerprints.customer_key, recorded.customer_key) as customer_key,
        coalesce(fingerprints.customer_id, recorded.customer_id) as customer_id,
        false as is_everybody
    from fingerprints
    full outer join recorded on fingerprints.customer_key = recorded.customer_key
    where
        fingerprints.customer_key is null
        or recorded.customer_key is null
        or fingerprints.fact_count <> recorded.fact_count
        or fingerprints.history_fingerprint <> recorded.history_fingerprint
        or fingerprints.thresholds_fingerprint <> recorded.thresholds_fingerprint
)
{%- else -%}
int_customers_to_compute as (
    select customer_key, customer_id, true as is_everybody from {{ ref('int_customers') }}
)
{%- endif %}

select * from int_customers_to_compute
