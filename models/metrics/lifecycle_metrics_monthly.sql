-- One row per metric of the catalogue, month and slice: its value, how it comes about, the month before's, and its target.
with

catalogue as (
    select * from {{ ref('customer_lifecycle', 'metric_catalogue') }}
),

metrics as (
    select
        metric_values.*,
        catalogue.stage,
        catalogue.better_when,
        case when metric_values.is_ratio then metric_values.denominator else 1 end as whole,
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

targets as (
    {{ targets_of('metrics') }}
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
        targets.target,
        -- what the numerator lacks: of a ratio the target's share of the denominator, less what there is
        case
            when neighbours.better_when = 'lower'
                then neighbours.numerator - targets.target * neighbours.whole
            else targets.target * neighbours.whole - neighbours.numerator
        end as target_shortfall,
        neighbours.is_mature
    from neighbours
    left join targets
        on
            neighbours.brand = targets.brand
            and neighbours.metric_id = targets.metric_id
            and neighbours.month_date = targets.month_date
            and neighbours.dimension_name = targets.dimension_name
            and neighbours.dimension_value = targets.dimension_value
)

select * from lifecycle_metrics_monthly
