-- Spend, visits and customers won, by channel and campaign.
select
    brand, ${currency}month_date as month, $touch_channel as channel, $campaign as campaign_id,
    sum(impressions) as impression_count, sum(clicks) as click_count, sum(spend_amount) as spend_amount,
    sum(session_count) as session_count, sum(lead_count) as lead_count, sum(new_customer_count) as new_customer_count,
    sum(first_order_count) as first_order_count, sum(first_order_revenue_amount) as first_order_revenue_amount,
    sum(discounted_first_order_count) as discounted_first_order_count, bool_and(is_mature) as is_mature
from marts.acquisition_channels_monthly
group by all
