-- Customers on the as-of date by their stage as built and under the thresholds that were tried.
select
    brand, threshold_segment, stage, new_stage, case when stage = new_stage then 'stays' else 'moves' end as move,
    sum(customer_count) as customer_count, sum(at_risk_count) as at_risk_count, sum(new_at_risk_count) as new_at_risk_count
from whatif.moves
group by all
