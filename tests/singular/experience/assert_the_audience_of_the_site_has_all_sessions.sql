-- Every session stands on its day in audience_daily and in its month in audience_monthly, and a month has at least as many
-- visitors as its best day and at most as many as its days together.
with

session_months as (
    select
        brand,
        {{ period_start('month', 'started_date') }} as month_date,
        count(*) as session_count
    from {{ ref('customer_lifecycle', 'int_sessions') }}
    group by brand, {{ period_start('month', 'started_date') }}
),

day_months as (
    select
        brand,
        {{ period_start('month', 'date_day') }} as month_date,
        sum(web_session_count) as session_count,
        max(web_visitor_count) as most_visitor_count,
        sum(web_visitor_count) as visitor_day_count
    from {{ ref('customer_lifecycle', 'audience_daily') }}
    where platform = 'web'
    group by brand, {{ period_start('month', 'date_day') }}
)

select
    session_months.brand,
    session_months.month_date
from session_months
left join day_months
    on session_months.brand = day_months.brand and session_months.month_date = day_months.month_date
left join {{ ref('customer_lifecycle', 'audience_monthly') }} as months
    on session_months.brand = months.brand and session_months.month_date = months.month_date and months.platform = 'web'
where
    coalesce(day_months.session_count, 0) <> session_months.session_count
    or coalesce(months.web_session_count, 0) <> session_months.session_count
    or months.web_visitor_count not between day_months.most_visitor_count and day_months.visitor_day_count
