-- The same at each month's end; of the last month on the as-of date.
select
    brand, date_trunc('month', date_day)::date as month, stage, new_stage,
    case when stage = new_stage then 'stays' else 'moves' end as move, sum(customer_count) as customer_count
from whatif.month_ends
group by all
