-- People who may be written to, by the list they are on and since when.
select
    audiences.brand, audiences.audience, date_trunc('month', audiences.since_date)::date as month,
    $channel as channel, $country as country, $segment as segment,
    count(*) as customer_count, sum(audiences.is_first::integer) as first_count, sum(audiences.net_revenue_amount) as net_revenue_amount
from marts.lifecycle_audiences as audiences
left join marts.lifecycle_customers as customers
    on audiences.brand = customers.brand and audiences.customer_id = customers.customer_id
group by all
