-- Warnings of the run.
select source, $warning as warning, count(*) as warning_count
from publish_warnings
group by all
