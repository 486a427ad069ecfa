-- Valid orders by month.
select
    brand, ${currency}month_date as month, $channel as channel, $country as country, $segment as segment,
    sum(order_count) as order_count, sum(revenue_amount) as revenue_amount, sum(new_customer_count) as new_customer_count,
    bool_and(is_mature) as is_mature
from marts.order_metrics_monthly
group by all
