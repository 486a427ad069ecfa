-- Each customer's latest answer to "would you recommend us" in the 90 days up to the month's end.
select
    brand, month_date as month, $channel as channel, $country as country, $segment as segment,
    sum(respondent_count) as respondent_count, sum(promoter_count) as promoter_count, sum(passive_count) as passive_count,
    sum(detractor_count) as detractor_count, sum(net_promoter_count) as net_promoter_count, bool_and(is_mature) as is_mature
from marts.nps_monthly
group by all
