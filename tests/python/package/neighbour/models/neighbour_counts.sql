-- One row: how many streets there are.
select count(*) as street_count
from {{ ref('neighbour_streets') }}
