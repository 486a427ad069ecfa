-- Followers are differenced without loss: whatever days are missing, the first report and all differences after it make the
-- last report, day by day and month by month.
with

reports as (
    select
        brand,
        platform,
        follower_count,
        net_new_follower_count,
        row_number() over (partition by brand, platform order by date_day) as first_number,
        row_number() over (partition by brand, platform order by date_day desc) as last_number
    from {{ ref('customer_lifecycle', 'audience_daily') }}
    where follower_count is not null
),

levels as (
    select
        brand,
        platform,
        sum(case when first_number = 1 then follower_count else 0 end) as first_count,
        sum(case when last_number = 1 then follower_count else 0 end) as last_count,
        sum(coalesce(net_new_follower_count, 0)) as difference_count
    from reports
    group by brand, platform
),

monthly_differences as (
    select brand, platform, sum(coalesce(net_new_follower_count, 0)) as difference_count
    from {{ ref('customer_lifecycle', 'audience_monthly') }}
    group by brand, platform
)

select levels.*
from levels
left join monthly_differences as months on levels.brand = months.brand and levels.platform = months.platform
where
    levels.first_count + levels.difference_count <> levels.last_count
    or levels.difference_count <> coalesce(months.difference_count, 0)
