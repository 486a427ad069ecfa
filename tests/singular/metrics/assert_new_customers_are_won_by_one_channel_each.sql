-- New customers stand in two marts, cut by channel and campaign in the one and by the customers' dimensions in the
-- other: their number in a month is the same.
with

won as (
    select brand, month_date, sum(new_customer_count) as new_customer_count
    from {{ ref('customer_lifecycle', 'acquisition_channels_monthly') }}
    group by brand, month_date
),

new_customers as (
    select brand, month_date, sum(new_customer_count) as new_customer_count
    from {{ ref('customer_lifecycle', 'order_metrics_monthly') }}
    group by brand, month_date
)

select
    coalesce(won.brand, new_customers.brand) as brand,
    coalesce(won.month_date, new_customers.month_date) as month_date,
    won.new_customer_count as won_count,
    new_customers.new_customer_count
from won
full outer join new_customers on won.brand = new_customers.brand and won.month_date = new_customers.month_date
where coalesce(won.new_customer_count, 0) <> coalesce(new_customers.new_customer_count, 0)
