-- Thresholds that differ, and rows of them that are new or fall away.
select threshold_segment, row_kind, threshold, published_value, whatif_value
from whatif.thresholds
where published_value <> whatif_value
union all
select threshold_segment, row_kind, null, null, null
from whatif.thresholds
where row_kind <> 'kept'
group by all
having bool_and(published_value = whatif_value)
