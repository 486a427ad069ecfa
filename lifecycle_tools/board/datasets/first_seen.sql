-- People by the month in which they were first seen, and how many of them have reached each stage so far.
select
    brand, first_seen_month as month, stage, $channel as channel, $country as country, $segment as segment,
    sum(customer_count) as customer_count, sum(reached_count) as reached_count,
    sum(eligible_90d_count) as eligible_count, sum(reached_within_90d_count) as reached_within_90d_count,
    bool_and(is_mature_90d) as is_mature
from marts.stage_conversion_cohorts
group by all
