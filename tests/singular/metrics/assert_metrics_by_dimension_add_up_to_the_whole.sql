-- The values of each dimension share out what the marts count that are not cut: stays, new customers, leads, costs, margins,
-- credits and answers, month by month.
{% set parts = {
    'stage_durations': ["'stage_durations'", 'stage', "'stays'", 'entry_month', 'sum(stay_count)', 'null', 'true'],
    'acquisition_channels_monthly': [
        "'acquisition'", "'all'", "'customer_acquisition_cost'", 'month_date', 'nullif(sum(spend_amount), 0)',
        'sum(new_customer_count)', 'true',
    ],
    'cohort_unit_economics_blended': [
        "'unit_economics'", "'12 months'", "'margin_per_customer'", 'cohort_month', 'sum(cumulative_margin_amount)',
        'sum(customer_count)', 'period_number = 12 and is_mature and customer_count > 0',
    ],
    'csat_monthly': [
        "'csat'", 'touchpoint', "'csat'", 'month_date', 'sum(satisfied_count)', 'sum(response_count)', 'response_count > 0',
    ],
    'attribution_channels_monthly': [
        "'attribution_' || model", 'channel', "'conversions'", 'month_date', 'sum(conversions)', 'null',
        "conversions > 0 and model <> 'platform_claimed'",
    ],
} %}
with

cuts as (
    select
        brand, subject, item, metric_name, month_date, dimension_name,
        sum(numerator) as numerator, sum(denominator) as denominator
    from {{ ref('customer_lifecycle', 'lifecycle_metrics_by_dimension') }}
    group by brand, subject, item, metric_name, month_date, dimension_name
),

marts as (
    {% for mart, (subject, item, metric, month, numerator, denominator, condition) in parts.items() %}
    select
        brand, {{ subject }} as subject, {{ item }} as item, {{ metric }} as metric_name, {{ month }} as month_date,
        cast({{ numerator }} as {{ double_type() }}) as numerator,
        cast({{ denominator }} as {{ double_type() }}) as denominator
    from {{ ref('customer_lifecycle', mart) }}
    where {{ condition }}
    group by brand, {{ month }}{{ ', ' ~ item if "'" not in item }}{{ ', model' if 'model' in subject }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

wholes as (
    select * from marts
    union all
    select brand, subject, item, metric_name, month_date, numerator, denominator from cuts
    where dimension_name = 'all'
),

dimensions as (
    -- attribution is not cut by the first purchase
    select distinct subject, dimension_name from cuts
)

select wholes.*, dimensions.dimension_name, cuts.numerator as cut_numerator, cuts.denominator as cut_denominator
from wholes
inner join dimensions on wholes.subject = dimensions.subject
left join cuts
    on
        wholes.brand = cuts.brand and wholes.subject = cuts.subject and wholes.item = cuts.item
        and wholes.metric_name = cuts.metric_name and wholes.month_date = cuts.month_date
        and dimensions.dimension_name = cuts.dimension_name
where
    abs(coalesce(wholes.numerator, 0) - coalesce(cuts.numerator, 0)) > 0.000001 * (1 + abs(coalesce(cuts.numerator, 0)))
    or abs(coalesce(wholes.denominator, 0) - coalesce(cuts.denominator, 0)) > 0.000001 * (1 + coalesce(cuts.denominator, 0))
