-- Every metric of the catalogue, by month, with its target. metric_value is null where a rate is divided by 0.
select
    brand, ${currency}month_date as month, metric_id, value as metric_value, target as target_value, is_mature
from marts.lifecycle_metrics_monthly
where dimension_name = 'all'
