-- Answers to satisfaction surveys.
select
    brand, month_date as month, $touchpoint as touchpoint, sum(response_count) as response_count,
    sum(satisfied_count) as satisfied_count, bool_and(is_mature) as is_mature
from marts.csat_monthly
group by all
