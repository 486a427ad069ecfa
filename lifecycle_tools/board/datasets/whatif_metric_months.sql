-- The same month by month.
select brand, month_date as month, metric_id, published_value, whatif_value, is_mature
from whatif.metrics
