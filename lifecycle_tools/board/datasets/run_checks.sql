-- Tests of dbt and gates of this run: what did not pass stopped it.
select 'test' as source, tests_passed as passed_count, tests_warned as warned_count
from publish_meta
union all
select 'gate', gates_passed, gates_warned
from publish_meta
