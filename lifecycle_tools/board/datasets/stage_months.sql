-- Customers by stage: at each month's end, and what came in and went out during the month.
select
    brand, month_date as month, stage, $channel as channel, $country as country, $segment as segment,
    sum(opening_count) as opening_count, sum(entered_count) as entered_count, sum(exited_count) as exited_count,
    sum(closing_count) as closing_count, sum(stay_count) as stay_count, sum(won_back_count) as won_back_count,
    bool_and(is_mature) as is_mature
from marts.stage_funnel_monthly
group by all
