-- Customers who came back, by month and the campaign of their last touchpoint before it.
select
    brand, ${currency}reactivation_month as month, $winback_campaign as campaign_id, sum(reactivated_count) as reactivated_count,
    sum(eligible_90d_count) as eligible_count, sum(still_active_90d_count) as still_active_count,
    sum(net_revenue_amount) as net_revenue_amount, sum(eligible_90d_count) = sum(reactivated_count) as is_mature
from marts.winback_cohorts_monthly
group by all
