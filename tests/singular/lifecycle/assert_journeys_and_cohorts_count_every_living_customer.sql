-- Each living customer with a stage goes one path, is in one cohort, and has reached the stage it is in; no other
-- customer is counted.
with

counts as (
    select
        brand,
        count(current_stage) as customer_count,
        0 as journey_count,
        0 as cohort_count
    from {{ ref('customer_lifecycle', 'lifecycle_customers') }}
    group by brand

    union all

    select
        brand,
        0 as customer_count,
        sum(customer_count) as journey_count,
        0 as cohort_count
    from {{ ref('customer_lifecycle', 'customer_journeys') }}
    group by brand

    union all

    select
        brand,
        0 as customer_count,
        0 as journey_count,
        sum(customer_count) as cohort_count
    from {{ ref('customer_lifecycle', 'stage_conversion_cohorts') }}
    where stage = 'churned'
    group by brand
)

select
    brand,
    sum(customer_count) as customer_count,
    sum(journey_count) as journey_count,
    sum(cohort_count) as cohort_count
from counts
group by brand
having sum(customer_count) <> sum(journey_count) or sum(customer_count) <> sum(cohort_count)
