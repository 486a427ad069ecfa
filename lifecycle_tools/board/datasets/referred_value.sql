-- New customers who were referred, beside those who were not.
select
    brand, ${currency}cohort_month as month, case when is_referred then 'referred' else 'not_referred' end as referred,
    customer_count, case when is_referred then customer_count else 0 end as referred_customer_count,
    order_count, net_revenue_amount, is_mature
from marts.referral_value_monthly
