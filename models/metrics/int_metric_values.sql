-- One row per metric, month and slice: numerator and denominator, by the formulas of models/metrics/semantic. A slice is
-- 'all', or one of the entities by which the metric's semantic models can be cut.
{{ config(schema='intermediate', contract={'enforced': false}) }}
{% set relations = {} %}
{% for model in [
    'acquisition_channels_monthly',
    'active_customers_monthly',
    'affiliate_revenue_monthly',
    'audience_monthly',
    'cart_abandonment_daily',
    'churn_monthly',
    'cohort_unit_economics',
    'cohort_unit_economics_blended',
    'csat_monthly',
    'customer_counts_monthly',
    'customer_value_totals_monthly',
    'growth_accounting_monthly',
    'net_sales_monthly',
    'nps_monthly',
    'order_metrics_monthly',
    'referral_totals_monthly',
    'referral_value_monthly',
    'repurchase_monthly',
    'revenue_concentration_monthly',
    'stage_advances_monthly',
    'stage_funnel_monthly',
    'support_monthly',
    'touchpoint_conversions_monthly',
    'trial_conversion_monthly',
    'user_content_monthly',
] %}
{% do relations.update({model: ref('customer_lifecycle', model)}) %}
{% endfor %}
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

dimensions as (
    select 'all' as dimension_name
    {% for name in metric_specs() | map(attribute='dimensions') | sum(start=[]) | unique | sort %}
    union all
    select '{{ name }}' as dimension_name
    {% endfor %}
),

sums as (
    select
        cast(null as {{ text_type() }}) as brand,
        cast(null as {{ text_type() }}) as metric_id,
        cast(null as date) as month_date,
        cast(null as {{ text_type() }}) as dimension_name,
        cast(null as {{ text_type() }}) as dimension_value,
        cast(null as {{ double_type() }}) as numerator,
        cast(null as {{ double_type() }}) as denominator,
        cast(null as integer) as ratio_part,
        cast(null as integer) as balance_part,
        cast(null as integer) as mature_part
    from as_of
    where 1 = 0
    {% for spec in metric_specs() %}
    {% for parts in spec.parts | groupby('model') | map(attribute=1) %}

    union all

    {{ metric_sums(spec, parts, relations[parts[0].model]) }}
    {% endfor %}
    {% endfor %}
),

int_metric_values as (
    select
        sums.brand,
        sums.metric_id,
        sums.month_date,
        sums.dimension_name,
        sums.dimension_value,
        sum(sums.numerator) as numerator,
        sum(sums.denominator) as denominator,
        max(sums.ratio_part) = 1 as is_ratio,
        max(sums.balance_part) = 1 as is_balance,
        min(sums.mature_part) = 1
        and {{ add_months('sums.month_date', 1) }} <= {{ add_days('as_of.as_of_date', 1) }} as is_mature
    from sums
    cross join as_of
    group by sums.brand, sums.metric_id, sums.month_date, sums.dimension_name, sums.dimension_value, as_of.as_of_date
)

select * from int_metric_values
