-- How much of twelve months' net revenue comes from the fifth of the customers with most of it.
select
    brand, ${currency}month_date as month, customer_count, top_20_percent_customer_count, top_20_percent_revenue_amount, revenue_amount,
    customer_count_for_80_percent, is_mature
from marts.revenue_concentration_monthly
