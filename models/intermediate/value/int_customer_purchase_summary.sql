-- One row per living customer with an order that counts at the as-of date: what the value models know of its purchases.
-- Several orders on one date are one purchase. Subscriptions are left out: paying until a cancellation is not repeat buying.
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

purchase_dates as (
    {{ purchase_dates() }}
),

summaries as (
    select
        customer_key,
        first_purchase_date,
        max(purchase_date) as last_purchase_date,
        sum(order_count) as order_count,
        count(*) as purchase_date_count,
        sum(net_revenue_amount) as purchase_revenue_amount,
        sum(case when purchase_date > first_purchase_date then net_revenue_amount else 0 end) as repeat_revenue_amount
    from purchase_dates
    group by customer_key, first_purchase_date
),

int_customer_purchase_summary as (
    select
        customers.brand,
        summaries.customer_key,
        as_of.as_of_date,
        summaries.first_purchase_date,
        summaries.last_purchase_date,
        cast(summaries.order_count as bigint) as order_count,
        cast(summaries.purchase_date_count as bigint) as purchase_date_count,
        cast(summaries.purchase_date_count - 1 as bigint) as frequency,
        cast({{ days_between('summaries.first_purchase_date', 'summaries.last_purchase_date') }} as integer)
            as last_purchase_age_days,
        cast({{ days_between('summaries.first_purchase_date', 'as_of.as_of_date') }} as integer) as age_days,
        cast(summaries.purchase_revenue_amount as decimal(18, 2)) as purchase_revenue_amount,
        cast(summaries.repeat_revenue_amount as decimal(18, 2)) as repeat_revenue_amount
    from summaries
    inner join {{ ref('customer_lifecycle', 'int_customers') }} as customers
        on summaries.customer_key = customers.customer_key
    cross join as_of
)

select * from int_customer_purchase_summary
