-- When the newest row of each raw table was loaded, and how many days before the as-of date that is.
select entity, latest_loaded_at::date::varchar as loaded_on, days_behind, row_count
from publish_freshness
