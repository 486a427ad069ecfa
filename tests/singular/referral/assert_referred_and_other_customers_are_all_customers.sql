-- The two rows of a month share out the cohort that retention_cohorts_monthly knows, with its revenue so far.
with

cohorts as (
    select
        brand,
        cohort_month,
        max(cohort_customer_count) as customer_count,
        sum(net_revenue_amount) as net_revenue_amount
    from {{ ref('customer_lifecycle', 'retention_cohorts_monthly') }}
    group by brand, cohort_month
),

sides as (
    select
        brand,
        cohort_month,
        count(*) as row_count,
        sum(customer_count) as customer_count,
        max(cohort_customer_count) as cohort_customer_count,
        sum(net_revenue_amount) as net_revenue_amount
    from {{ ref('customer_lifecycle', 'referral_value_monthly') }}
    group by brand, cohort_month
)

select
    coalesce(cohorts.brand, sides.brand) as brand,
    coalesce(cohorts.cohort_month, sides.cohort_month) as cohort_month
from cohorts
full outer join sides on cohorts.brand = sides.brand and cohorts.cohort_month = sides.cohort_month
where
    cohorts.brand is null
    or sides.brand is null
    or sides.row_count <> 2
    or cohorts.customer_count <> sides.customer_count
    or cohorts.customer_count <> sides.cohort_customer_count
    or cohorts.net_revenue_amount <> sides.net_revenue_amount
