-- One row per metric of the catalogue, month and slice: its value, how it comes about, the month before's, and its target.
with

catalogue as (
    select * from {{ ref('customer_lifecycle', 'metric_catalogue') }}
),

metrics as (
    select
        metric_values.*,
        catalogue.stage,
        case
            when metric_values.is_ratio then {{ ratio_of('metric_values.numerator', 'metric_values.denominator') }}
            else metric_values.numerator
        end as metric_value
    from {{ ref('customer_lifecycle', 'int_metric_values') }} as metric_values
    inner join catalogue on metric_values.metric_id = catalogue.metric_id
),

neighbours as (
    select
        *,
        lag(month_date) over (
            partition by brand, metric_id, dimension_name, dimension_value
            order by month_date
        ) as earlier_month,
        lag(metric_value) over (
            partition by brand, metric_id, dimension_name, dimension_value
            order by month_date
        ) as earlier_value
    from metrics
),

candidate_targets as (
    -- the most specific target counts: of this brand before that of all brands, then of this month before that of all months
    select
        metrics.brand,
        metrics.metric_id,
        metrics.month_date,
        targets.target,
        row_number() over (
            partition by metrics.brand, metrics.metric_id, metrics.month_date
            order by
                case when targets.brand is null then 1 else 0 end, case when targets.month_date is null then 1 else 0 end
        ) as target_rank
    from metrics
    inner join {{ seed('lifecycle_targets') }} as targets
        on
            metrics.metric_id = targets.metric_id
            and metrics.brand = coalesce(targets.brand, metrics.brand)
            and metrics.month_date = coalesce(targets.month_date, metrics.month_date)
    where metrics.dimension_name = 'all'
),

lifecycle_metrics_monthly as (
    select
        neighbours.brand,
        neighbours.metric_id,
        neighbours.month_date,
        neighbours.dimension_name,
        neighbours.dimension_value,
        neighbours.stage,
        neighbours.numerator,
        neighbours.denominator,
        neighbours.metric_value as value,
        case when neighbours.earlier_month = {{ add_months('neighbours.month_date', -1) }} then neighbours.earlier_value end
            as previous_value,
        cast(candidate_targets.target as {{ double_type() }}) as target,
        neighbours.is_mature
    from neighbours
    left join candidate_targets
        on
            neighbours.brand = candidate_targets.brand
            and neighbours.metric_id = candidate_targets.metric_id
            and neighbours.month_date = candidate_targets.month_date
            and neighbours.dimension_name = 'all'
            and candidate_targets.target_rank = 1
)

select * from lifecycle_metrics_monthly
