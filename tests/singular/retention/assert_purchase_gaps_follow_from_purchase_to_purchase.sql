-- Customers who have made the next purchase are those who have made one more than so many; and after the first one, eligible
-- and returned customers are those of repurchase_monthly.
with

gaps as (
    select * from {{ ref('customer_lifecycle', 'purchase_gaps') }}
),

first_purchases as (
    select
        brand,
        window_days,
        sum(cohort_customer_count) as customer_count,
        sum(eligible_count) as eligible_count,
        sum(repurchased_count) as repurchased_count
    from {{ ref('customer_lifecycle', 'repurchase_monthly') }}
    group by brand, window_days
)

select gaps.brand, gaps.purchase_number, gaps.window_days
from gaps
left join gaps as following
    on
        gaps.brand = following.brand
        and gaps.window_days = following.window_days
        and gaps.purchase_number + 1 = following.purchase_number
left join first_purchases
    on gaps.brand = first_purchases.brand and gaps.window_days = first_purchases.window_days
where
    (gaps.purchase_number < 20 and gaps.next_purchase_count <> coalesce(following.customer_count, 0))
    or (
        gaps.purchase_number = 1
        and (
            first_purchases.customer_count is null
            or gaps.customer_count <> first_purchases.customer_count
            or gaps.eligible_count <> first_purchases.eligible_count
            or gaps.repurchased_count <> first_purchases.repurchased_count
        )
    )
