-- Ordered stages that customers went through.
select
    brand, $path as path, $channel as channel, $country as country, $segment as segment,
    sum(customer_count) as customer_count
from marts.customer_journeys
group by all
