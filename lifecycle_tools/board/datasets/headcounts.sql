-- Customers at each month's end: how many there are, and how many are active, loyal, advocates or at risk.
select
    brand, month_date as month, $channel as channel, $country as country, $segment as segment,
    sum(customer_count) as customer_count, sum(active_count) as active_count, sum(loyal_count) as loyal_count,
    sum(advocate_count) as advocate_count, sum(at_risk_count) as at_risk_count, bool_and(is_mature) as is_mature
from marts.customer_counts_monthly
group by all
