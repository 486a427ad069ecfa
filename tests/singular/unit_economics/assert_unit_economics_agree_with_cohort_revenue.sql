-- Channels share out the cohorts of retention_cohorts_monthly: the same customers and revenue, month by month, as the blend
-- has too. Only cohorts that are nothing but spend are not there.
with

channel_rows as (
    select
        brand,
        cohort_month,
        period_number,
        sum(customer_count) as customer_count,
        sum(cumulative_net_revenue_amount) as cumulative_net_revenue_amount
    from {{ ref('customer_lifecycle', 'cohort_unit_economics') }}
    group by brand, cohort_month, period_number
)

select
    blended.brand,
    blended.cohort_month,
    blended.period_number
from {{ ref('customer_lifecycle', 'cohort_unit_economics_blended') }} as blended
full outer join channel_rows
    on
        blended.brand = channel_rows.brand
        and blended.cohort_month = channel_rows.cohort_month
        and blended.period_number = channel_rows.period_number
full outer join {{ ref('customer_lifecycle', 'retention_cohorts_monthly') }} as cohorts
    on
        blended.brand = cohorts.brand
        and blended.cohort_month = cohorts.cohort_month
        and blended.period_number = cohorts.period_number
where
    blended.brand is null
    or channel_rows.brand is null
    or blended.customer_count <> channel_rows.customer_count
    or blended.cumulative_net_revenue_amount <> channel_rows.cumulative_net_revenue_amount
    or blended.customer_count <> coalesce(cohorts.cohort_customer_count, 0)
    or blended.cumulative_net_revenue_amount <> coalesce(cohorts.cumulative_net_revenue_amount, 0)
