-- Customers active at the end of the month before, by what became of them.
select
    brand, month_date as month, $churn_reason as churn_reason, $channel as channel, $country as country, $segment as segment,
    sum(active_at_start_count) as active_at_start_count, sum(retained_count) as retained_count,
    sum(churned_count) as churned_count, bool_and(is_mature) as is_mature
from marts.churn_monthly
group by all
