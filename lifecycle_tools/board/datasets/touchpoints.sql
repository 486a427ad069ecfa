-- Customers reached by a type of touchpoint, and how many of them bought within its days.
select
    brand, month_date as month, $touch_type as touch_type, sum(reached_count) as reached_count,
    sum(eligible_count) as eligible_count, sum(converted_count) as converted_count, bool_and(is_mature) as is_mature
from marts.touchpoint_conversions_monthly
group by all
