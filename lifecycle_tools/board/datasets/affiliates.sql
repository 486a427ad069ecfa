-- Sales brought by affiliates.
select
    brand, ${currency}month_date as month, $affiliate as affiliate_id, sum(sale_count) as sale_count,
    sum(gross_revenue_amount) as gross_revenue_amount, sum(refunded_revenue_amount) as refunded_revenue_amount,
    sum(net_revenue_amount) as net_revenue_amount, sum(commission_amount) as commission_amount
from marts.affiliate_revenue_monthly
group by all
