-- Customers who have bought: what they brought, what is expected of them within 365 days, and by how much chance may move that.
-- Chance: a customer buys a Poisson number of times while alive; variances of customers add up.
select
    brand, ${currency}$channel as channel, $country as country, $segment as segment,
    count(*) as customer_count, sum(order_count) as order_count, sum(net_revenue_amount) as net_revenue_amount,
    count(predicted_clv_365d) as predicted_customer_count, sum(predicted_clv_365d) as predicted_clv_365d_amount,
    sum(p_alive) as alive_customer_count,
    sum(
        expected_purchase_amount::double * expected_purchase_amount::double
        * (predicted_purchases_365d + predicted_purchases_365d * predicted_purchases_365d * (1 - p_alive) / p_alive)
    ) filter (where p_alive > 0) as variance
from marts.customer_value
group by all
