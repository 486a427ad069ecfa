-- Net revenue so far of all customers who have bought, and what is expected within 365 days.
select
    brand, ${currency}month_date as month, $channel as channel, $country as country, $segment as segment,
    sum(customer_count) as customer_count, sum(cumulative_net_revenue_amount) as cumulative_net_revenue_amount,
    sum(predicted_customer_count) as predicted_customer_count, sum(predicted_clv_365d_amount) as predicted_clv_365d_amount,
    bool_and(is_mature) as is_mature
from marts.customer_value_totals_monthly
group by all
