-- One row per customer that is computed in this build and may have been published before, the vanished included: what is
-- another than in the last complete build. No row where there was none.
{{ config(materialized='view') }}
with

int_compared_customers as (
    select
        computed.customer_key,
        computed.customer_id,
        computed.brand,
        computed.threshold_segment,
        computed.has_other_history,
        computed.has_other_thresholds,
        computed.has_other_segment
    from {{ ref('int_customers_to_compute') }} as computed
    cross join {{ ref('int_current_build') }} as current_build
    where current_build.published_as_of_date is not null
)

select * from int_compared_customers
