-- Which stage leaks most, against its target?
-- One row per brand and stage with a target for moving on, the most customers short first: of the entries into the stage in
-- twelve months whose 90 days are over, how many moved on, and how many more should have by the targets of their months
-- (missing_count). The targets are those of the seed lifecycle_targets for the metrics <stage>_to_<next stage>_rate.
with

steps as (
    select
        *,
        max(case when is_mature then month_date end) over (partition by brand, metric_id) as last_month
    from {{ ref('customer_lifecycle', 'lifecycle_metrics_monthly') }}
    where
        dimension_name = 'all' and target is not null
        and metric_id in (
            'discovery_to_engagement_rate', 'engagement_to_conversion_rate', 'conversion_to_retention_rate',
            'retention_to_loyalty_rate', 'loyalty_to_advocacy_rate'
        )
),

misses as (
    select
        brand,
        stage,
        sum(denominator) as entered_count,
        sum(numerator) as advanced_count,
        {{ ratio_of('sum(numerator)', 'sum(denominator)') }} as advanced_rate,
        {{ ratio_of('sum(target * denominator)', 'sum(denominator)') }} as target_rate,
        sum(target_shortfall) as missing_count
    from steps
    where is_mature and month_date > {{ add_months('last_month', -12) }} and denominator > 0
    group by brand, stage
)

select * from misses
order by brand asc, missing_count desc, stage asc
