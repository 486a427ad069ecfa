-- Entries into a stage by month, and how many of them were followed by a later step within 90 days. No step follows advocacy.
select
    brand, entry_month as month, stage, $channel as channel, $country as country, $segment as segment,
    sum(entered_count) as entered_count, sum(eligible_90d_count) as eligible_count,
    sum(advanced_within_90d_count) as advanced_count, bool_and(is_mature_90d) as is_mature
from marts.stage_advances_monthly
where stage <> 'advocacy'
group by all
