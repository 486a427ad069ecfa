-- The customers, and the active ones, of a month's end are counted twice, from changes of state and from the daily funnel:
-- the two counts must be the same in every set of dimension values.
with

funnel as (
    select
        funnel.brand, funnel.month_date, funnel.acquisition_channel, funnel.country_code, funnel.segment,
        sum(funnel.closing_count) as customer_count,
        sum(case when stages.is_customer and stages.stage <> 'churned' then funnel.closing_count else 0 end) as active_count
    from {{ ref('customer_lifecycle', 'stage_funnel_monthly') }} as funnel
    inner join {{ ref('customer_lifecycle', 'lifecycle_stages') }} as stages on funnel.stage = stages.stage
    group by funnel.brand, funnel.month_date, funnel.acquisition_channel, funnel.country_code, funnel.segment
),

counts as (
    select * from {{ ref('customer_lifecycle', 'customer_counts_monthly') }}
)

select
    coalesce(funnel.brand, counts.brand) as brand,
    coalesce(funnel.month_date, counts.month_date) as month_date,
    funnel.customer_count,
    counts.customer_count as counted_customer_count
from funnel
full outer join counts
    on
        funnel.brand = counts.brand
        and funnel.month_date = counts.month_date
        and funnel.acquisition_channel = counts.acquisition_channel
        and funnel.country_code = counts.country_code
        and funnel.segment = counts.segment
where
    coalesce(funnel.customer_count, 0) <> coalesce(counts.customer_count, 0)
    or coalesce(funnel.active_count, 0) <> coalesce(counts.active_count, 0)
