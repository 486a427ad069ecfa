-- Metrics that depend on stages, in the last month that is finished under both thresholds. relative_size: 0 where both values are
-- the same, 1 where one of them is 0 or wanting.
select
    brand, month_date as month, metric_id, published_value, whatif_value, whatif_value - published_value as difference,
    case
        when published_value is null and whatif_value is null then 0
        when published_value is null or whatif_value is null then 1
        when abs(whatif_value - published_value) <= 1e-9 * greatest(abs(published_value), abs(whatif_value), 1) then 0
        else abs(whatif_value - published_value) / greatest(abs(published_value), abs(whatif_value))
    end as relative_size
from whatif.metrics
where is_mature
qualify month_date = max(month_date) over (partition by brand, metric_id)
