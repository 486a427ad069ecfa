-- Changes of stage by month.
select
    brand, date_trunc('month', date_day)::date as month, from_stage, to_stage,
    $channel as channel, $country as country, $segment as segment,
    sum(transition_count) as transition_count
from marts.stage_transitions_daily
group by all
