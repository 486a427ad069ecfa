-- One row per month: how much of the revenue of the twelve months that end with it comes from how few customers.
with

months as (
    select * from {{ ref('customer_lifecycle', 'int_customer_rfm_months') }}
),

totals as (
    select
        brand,
        month_date,
        is_mature,
        sum(case when monetary_amount > 0 then 1 else 0 end) as customer_count,
        sum(case when monetary_amount <= 0 and frequency > 0 then 1 else 0 end) as customers_without_revenue_count,
        sum(case when monetary_amount > 0 then monetary_amount else 0 end) as revenue_amount
    from months
    group by brand, month_date, is_mature
),

ranked as (
    -- customers of equal revenue are worth the same whichever comes first
    select
        brand,
        month_date,
        monetary_amount,
        row_number() over (
            partition by brand, month_date order by monetary_amount desc, customer_key asc
        ) as position_number,
        sum(monetary_amount) over (
            partition by brand, month_date order by monetary_amount desc, customer_key asc
            rows between unbounded preceding and current row
        ) as cumulative_amount
    from months
    where monetary_amount > 0
),

counts as (
    -- a fifth of the customers, rounded up; customers are needed for four fifths while those before them have less
    select
        ranked.brand,
        ranked.month_date,
        sum(case when ranked.position_number * 5 < totals.customer_count + 5 then 1 else 0 end) as top_customer_count,
        sum(case when ranked.position_number * 5 < totals.customer_count + 5 then ranked.monetary_amount else 0 end)
            as top_revenue_amount,
        sum(case when (ranked.cumulative_amount - ranked.monetary_amount) * 5 < totals.revenue_amount * 4 then 1 else 0 end)
            as needed_customer_count
    from ranked
    inner join totals on ranked.brand = totals.brand and ranked.month_date = totals.month_date
    group by ranked.brand, ranked.month_date
),

revenue_concentration_monthly as (
    select
        totals.brand,
        totals.month_date,
        cast(totals.customer_count as bigint) as customer_count,
        cast(totals.customers_without_revenue_count as bigint) as customers_without_revenue_count,
        cast(totals.revenue_amount as decimal(18, 2)) as revenue_amount,
        cast(coalesce(counts.top_customer_count, 0) as bigint) as top_20_percent_customer_count,
        cast(coalesce(counts.top_revenue_amount, 0) as decimal(18, 2)) as top_20_percent_revenue_amount,
        case when totals.is_mature then {{ ratio_of('counts.top_revenue_amount', 'totals.revenue_amount') }} end
            as top_20_percent_revenue_share,
        cast(coalesce(counts.needed_customer_count, 0) as bigint) as customer_count_for_80_percent,
        case when totals.is_mature then {{ ratio_of('counts.needed_customer_count', 'totals.customer_count') }} end
            as customers_share_for_80_percent,
        totals.is_mature,
        cast('{{ setting("reporting_currency") | upper }}' as {{ text_type() }}) as currency
    from totals
    left join counts on totals.brand = counts.brand and totals.month_date = counts.month_date
)

select * from revenue_concentration_monthly
