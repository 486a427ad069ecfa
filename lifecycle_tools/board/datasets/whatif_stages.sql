-- Customers in each stage at each month's end, as built and under the thresholds that were tried.
select brand, month, stage, sum(published_count) as published_count, sum(whatif_count) as whatif_count
from (
    select brand, date_trunc('month', date_day)::date as month, stage, customer_count as published_count, 0 as whatif_count
    from whatif.month_ends
    union all
    select brand, date_trunc('month', date_day)::date as month, new_stage, 0, customer_count
    from whatif.month_ends
)
group by all
