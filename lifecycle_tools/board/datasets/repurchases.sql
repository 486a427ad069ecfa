-- New customers by month, and how many bought again on another date within a number of days.
select
    brand, cohort_month as month, window_days::varchar as window_days, eligible_count, repurchased_count, is_mature
from marts.repurchase_monthly
