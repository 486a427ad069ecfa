-- How long stays in a stage last, by the month in which they began; open stays are censored, not left out.
select
    brand, entry_month as month, stage, stay_count, completed_count, p25 as lower_quartile_days, median_days,
    p75 as upper_quartile_days, is_mature
from marts.stage_durations
