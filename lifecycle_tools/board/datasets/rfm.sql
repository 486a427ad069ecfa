-- Customers by recency, frequency and monetary value, in the last month that was scored.
select
    rfm.brand, rfm.recency_score::varchar as recency_score, rfm.frequency_score::varchar as frequency_score, rfm.rfm_segment,
    $channel as channel, $country as country, $segment as segment,
    count(*) as customer_count, sum(rfm.monetary_amount) as monetary_amount
from marts.rfm_segments_monthly as rfm
left join marts.lifecycle_customers as customers on rfm.brand = customers.brand and rfm.customer_id = customers.customer_id
where rfm.month_date = (select max(month_date) from marts.rfm_segments_monthly)
group by all
