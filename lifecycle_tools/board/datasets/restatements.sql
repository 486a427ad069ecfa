-- Published days that a later build changed, by cause.
select
    brand, $build_as_of as build_as_of, published_stage, restated_stage, cause,
    count(*) as period_count, sum(day_count) as day_count
from marts.stage_restatements
group by all
