-- Which churn window fits?
-- One row per brand, segment and candidate: how often a customer given up after so many days came back by itself.
-- is_suggested marks the shortest candidate that is wrong for at most one in five, is_current_window the one that
-- lifecycle_thresholds has now. Where the two differ, weigh: a shorter window sees churn sooner and writes win-backs to
-- people who would have come anyway. Segments with few customers (customers_churned_count) say little; returns yet to
-- come make every rate a lower bound.
{% set acceptable_rate = 0.2 %}
with

candidates as (
    select * from {{ ref('customer_lifecycle', 'churn_window_calibration') }}
),

suggestions as (
    select brand, segment, min(window_days) as suggested_window_days from candidates
    where false_churn_rate <= {{ acceptable_rate }}
    group by brand, segment
)

select
    candidates.brand,
    candidates.segment,
    candidates.window_days,
    candidates.is_current_window,
    coalesce(candidates.window_days = suggestions.suggested_window_days, false) as is_suggested,
    candidates.customers_churned_count,
    candidates.later_returned_count,
    candidates.false_churn_rate,
    candidates.gap_p90_days
from candidates
left join suggestions on candidates.brand = suggestions.brand and candidates.segment = suggestions.segment
order by candidates.brand asc, candidates.segment asc, candidates.window_days asc
