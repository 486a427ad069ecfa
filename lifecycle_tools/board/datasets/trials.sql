-- Trials by the month in which they began, and how many of those that are over were followed by a paid start.
select
    brand, trial_month as month, $plan as plan, sum(trial_count) as trial_count, sum(mature_trial_count) as mature_trial_count,
    sum(converted_count) as converted_count, bool_and(is_mature) as is_mature
from marts.trial_conversion_monthly
group by all
