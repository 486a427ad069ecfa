-- What customers have brought so far, by the month of their first purchase and months since.
select
    brand, ${currency}cohort_month as month, period_number::varchar as period_number, $channel as channel,
    sum(customer_count) as customer_count,
    sum(cumulative_net_revenue_amount) as cumulative_net_revenue_amount,
    sum(cumulative_margin_amount) as cumulative_margin_amount,
    sum(acquisition_cost) as acquisition_cost, bool_and(is_mature) as is_mature
from marts.cohort_unit_economics
group by all
