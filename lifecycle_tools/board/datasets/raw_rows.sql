-- What became of each raw row.
select brand, entity, outcome, rejection_reason, sum(row_count) as row_count
from quality.raw_row_outcomes
group by all
