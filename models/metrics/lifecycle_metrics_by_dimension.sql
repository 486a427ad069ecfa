-- One row per subject, item, metric, month, dimension and value: what the metric is made of, and its value. Of a dimension
-- with many values the most frequent of each subject and month stand alone and the others together: which they are depends
-- on the month only, and is settled with it.
{% set values_apart = 20 %}
{% set known_margin = 'case when costed_entry_count > 0 then margin_amount end' %}
{# subject, metric, numerator, denominator, days after the end of the month until it is due #}
{% set metrics = [
    ['stage_durations', 'stays', 'stay_count', none, 0],
    ['stage_durations', 'days_in_stage_per_exit', 'seen_days', 'exit_count', 0],
    ['stage_durations', 'left_within_30d_rate', 'left_30d_count', 'seen_30d_count', 30],
    ['stage_durations', 'left_within_90d_rate', 'left_90d_count', 'seen_90d_count', 90],
    ['stage_durations', 'left_within_365d_rate', 'left_365d_count', 'seen_365d_count', 365],
    ['acquisition', 'new_customers', 'customer_count', none, 0],
    ['acquisition', 'leads', 'lead_count', none, 0],
    ['acquisition', 'website_sessions', 'session_count', none, 0],
    ['acquisition', 'ad_spend', 'spend_amount', none, 0],
    ['acquisition', 'first_order_revenue', 'revenue_amount', none, 0],
    ['acquisition', 'customer_acquisition_cost', 'nullif(spend_amount, 0)', 'customer_count', 0],
    ['acquisition', 'cost_per_lead', 'nullif(spend_amount, 0)', 'lead_count', 0],
    ['acquisition', 'return_on_ad_spend', 'revenue_amount', 'spend_amount', 0],
    ['acquisition', 'discounted_first_order_share', 'discounted_order_count', 'order_count', 0],
    ['unit_economics', 'net_revenue_per_customer', 'revenue_amount', 'customer_count', 0],
    ['unit_economics', 'margin_per_customer', known_margin, 'customer_count', 0],
    ['unit_economics', 'ltv_to_cac', known_margin, 'spend_amount', 0],
    ['csat', 'answers', 'answer_count', none, 0],
    ['csat', 'csat', 'good_answer_count', 'answer_count', 0],
    ['nps', 'answers', 'answer_count', none, 0],
    ['nps', 'nps_of_answers', '100 * good_answer_count', 'answer_count', 0],
    ['attribution', 'conversions', 'conversion_credit', none, 0],
    ['attribution', 'first_conversions', 'first_conversion_credit', none, 0],
    ['attribution', 'credited_revenue', 'revenue_amount', none, 0],
] %}
{% set value = ['brand', 'subject', 'month_date', 'dimension_name', 'dimension_value'] %}
with

cells as (
    select * from {{ ref('customer_lifecycle', 'int_dimension_cells') }}
),

ranked_values as (
    select
        {{ value | join(', ') }},
        row_number() over (
            partition by brand, subject, month_date, dimension_name
            order by
                case when dimension_value = 'all others' then 1 else 0 end,
                sum(coalesce(stay_count, customer_count, answer_count, conversion_credit, 0)) desc, dimension_value asc
        ) as value_number
    from cells
    group by {{ value | join(', ') }}
),

parts as (
    {% for subject, metric, numerator, denominator, due_days in metrics %}
    select
        brand, subject, item, '{{ metric }}' as metric_name, month_date, dimension_name, dimension_value,
        {{ numerator }} as numerator, {{ denominator or 'cast(null as decimal(28, 9))' }} as denominator,
        {{ 'false' if denominator is none else 'true' }} as is_ratio,
        {{ 'open_count = 0' if metric == 'days_in_stage_per_exit' else 'true' }} as is_settled, {{ due_days }} as due_days
    from cells
    where subject like '{{ subject }}%'
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

metrics as (
    select
        parts.brand, parts.subject, parts.item, parts.metric_name, parts.month_date, parts.dimension_name,
        case when ranked_values.value_number <= {{ values_apart }} then parts.dimension_value else 'all others' end
            as dimension_value,
        cast(sum(parts.numerator) as {{ double_type() }}) as numerator,
        cast(sum(parts.denominator) as {{ double_type() }}) as denominator,
        max(case when parts.is_ratio then 1 else 0 end) = 1 as is_ratio,
        min(case when parts.is_settled then 1 else 0 end) = 1 as is_settled, max(parts.due_days) as due_days
    from parts
    inner join ranked_values
        on
            parts.brand = ranked_values.brand and parts.subject = ranked_values.subject
            and parts.month_date = ranked_values.month_date and parts.dimension_name = ranked_values.dimension_name
            and parts.dimension_value = ranked_values.dimension_value
    group by
        parts.brand, parts.subject, parts.item, parts.metric_name, parts.month_date, parts.dimension_name,
        case when ranked_values.value_number <= {{ values_apart }} then parts.dimension_value else 'all others' end
),

names as (
    select brand, 'first_product' as dimension_name, product_id as dimension_value, name
    from {{ ref('customer_lifecycle', 'stg_shop__products') }}
    union all
    select brand, 'acquisition_campaign', campaign_id, name from {{ ref('customer_lifecycle', 'stg_marketing__campaigns') }}
),

lifecycle_metrics_by_dimension as (
    select
        metrics.brand, metrics.subject, metrics.item, metrics.metric_name, metrics.month_date, metrics.dimension_name,
        metrics.dimension_value, coalesce(names.name, metrics.dimension_value) as dimension_value_name,
        metrics.numerator, metrics.denominator,
        case when metrics.is_ratio then {{ ratio_of('metrics.numerator', 'metrics.denominator') }} else metrics.numerator end
            as value,
        -- markov weighs the journeys of all days: a new journey changes what it credits of a past month
        metrics.is_settled and metrics.subject <> 'attribution_markov'
        and {{ add_months('metrics.month_date', 1) }} <= {{ add_days('as_of.as_of_date', 1) }} as is_mature
    from metrics
    inner join {{ ref('customer_lifecycle', 'as_of_date') }} as as_of
        on
            metrics.due_days = 0
            or {{ add_days(add_months('metrics.month_date', 1), 'metrics.due_days - 1') }} <= as_of.as_of_date
    left join names
        on
            metrics.brand = names.brand and metrics.dimension_name = names.dimension_name
            and metrics.dimension_value = names.dimension_value
    where metrics.numerator is not null or metrics.denominator is not null
)

select * from lifecycle_metrics_by_dimension
