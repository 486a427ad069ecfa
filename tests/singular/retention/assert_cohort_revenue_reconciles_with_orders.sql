-- Identity 7: the money of all cohorts, month by month or week by week, and of orders of no customer is the money of
-- all orders. Customers without a cohort have only orders that have come to nothing.
with

cohort_revenue as (
    select
        'month' as period_length,
        brand,
        net_revenue_amount
    from {{ ref('customer_lifecycle', 'retention_cohorts_monthly') }}
    union all
    select
        'week' as period_length,
        brand,
        net_revenue_amount
    from {{ ref('customer_lifecycle', 'retention_cohorts_weekly') }}
),

period_lengths as (
    select distinct period_length from cohort_revenue
),

all_revenue as (
    select
        period_length,
        brand,
        net_revenue_amount
    from cohort_revenue

    union all

    select
        period_lengths.period_length,
        entries.brand,
        entries.net_revenue_amount
    from {{ ref('customer_lifecycle', 'int_revenue_entries') }} as entries
    cross join period_lengths
    where entries.customer_key is null

    union all

    select
        period_lengths.period_length,
        entries.brand,
        -entries.net_revenue_amount as net_revenue_amount
    from {{ ref('customer_lifecycle', 'int_revenue_entries') }} as entries
    cross join period_lengths
)

select
    period_length,
    brand,
    sum(net_revenue_amount) as difference_amount
from all_revenue
group by period_length, brand
having sum(net_revenue_amount) <> 0
