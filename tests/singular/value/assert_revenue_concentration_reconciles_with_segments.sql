-- The customers whose revenue is shared out are those of the month's segments with revenue above zero, to the cent.
with

segments as (
    select
        brand,
        month_date,
        sum(case when monetary_amount > 0 then 1 else 0 end) as customer_count,
        sum(case when monetary_amount > 0 then monetary_amount else 0 end) as revenue_amount
    from {{ ref('customer_lifecycle', 'rfm_segments_monthly') }}
    group by brand, month_date
)

select
    coalesce(segments.brand, shares.brand) as brand,
    coalesce(segments.month_date, shares.month_date) as month_date,
    shares.revenue_amount,
    segments.revenue_amount as expected_amount
from segments
full outer join {{ ref('customer_lifecycle', 'revenue_concentration_monthly') }} as shares
    on segments.brand = shares.brand and segments.month_date = shares.month_date
where
    segments.brand is null
    or shares.brand is null
    or segments.customer_count <> shares.customer_count
    or segments.revenue_amount <> shares.revenue_amount
