-- Links between two ids that are not followed.
select brand, source_table as entity, reason, count(*) as link_count
from quality.identity_conflicts
group by all
