-- Values that were emptied because they cannot be read.
select brand, entity, column_name, reason, sum(value_count) as value_count
from quality.cleaning_events
group by all
