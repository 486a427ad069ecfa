-- One row per month, dimensions and churn reason. Retained customers are on a row of their own, with reason 'retained':
-- every customer who was active at the start is on exactly one row, so counts can be summed.
{% set has_mrr = 'subscription_brands.brand is not null' %}
{% set opening_count, opening_mrr = 'openings.active_at_start_count', 'openings.opening_mrr_amount' %}
{% set dimensions = ['brand', 'acquisition_channel', 'country_code', 'segment'] %}
with

openings as (
    select * from {{ ref('customer_lifecycle', 'int_churn_openings') }}
),

subscription_brands as (
    select distinct brand from {{ ref('customer_lifecycle', 'int_customer_mrr_months') }}
),

churned as (
    select
        {% for name in dimensions %}dimensions.{{ name }}, {% endfor %}churned.month_date, churned.churn_reason,
        count(*) as churned_count, sum(case when churned.is_involuntary then 1 else 0 end) as involuntary_churned_count,
        sum(churned.opening_mrr_amount) as churned_mrr_amount
    from {{ ref('customer_lifecycle', 'int_churned_customers') }} as churned
    inner join {{ ref('customer_lifecycle', 'int_customer_dimensions') }} as dimensions
        on churned.customer_key = dimensions.customer_key
    group by {% for name in dimensions %}dimensions.{{ name }}, {% endfor %}churned.month_date, churned.churn_reason
),

churned_totals as (
    select
        {{ dimensions | join(', ') }}, month_date,
        sum(churned_count) as churned_count, sum(churned_mrr_amount) as churned_mrr_amount
    from churned
    group by {{ dimensions | join(', ') }}, month_date
),

outcomes as (
    select
        {% for name in dimensions %}openings.{{ name }}, {% endfor %}openings.month_date, 'retained' as churn_reason,
        openings.active_at_start_count - coalesce(totals.churned_count, 0) as retained_count,
        0 as churned_count, 0 as involuntary_churned_count,
        openings.opening_mrr_amount - coalesce(totals.churned_mrr_amount, 0) as opening_mrr_amount, 0 as churned_mrr_amount
    from openings
    left join churned_totals as totals
        on
            {% for name in dimensions %}openings.{{ name }} = totals.{{ name }} and {% endfor %}
            openings.month_date = totals.month_date
    where openings.active_at_start_count > coalesce(totals.churned_count, 0)

    union all

    select
        {{ dimensions | join(', ') }}, month_date, churn_reason,
        0 as retained_count, churned_count, involuntary_churned_count,
        churned_mrr_amount as opening_mrr_amount, churned_mrr_amount
    from churned
),

churn_monthly as (
    select
        {% for name in dimensions %}openings.{{ name }}, {% endfor %}openings.month_date, outcomes.churn_reason,
        cast(outcomes.retained_count + outcomes.churned_count as bigint) as active_at_start_count,
        cast(outcomes.retained_count as bigint) as retained_count, cast(outcomes.churned_count as bigint) as churned_count,
        cast(outcomes.churned_count - outcomes.involuntary_churned_count as bigint) as voluntary_churned_count,
        cast(outcomes.involuntary_churned_count as bigint) as involuntary_churned_count,
        openings.active_at_start_count as dimension_active_at_start_count,
        case when openings.is_mature then {{ ratio_of('outcomes.churned_count', opening_count) }} end as churn_rate,
        case when openings.is_mature then {{ ratio_of('outcomes.retained_count', opening_count) }} end as retention_rate,
        cast(case when {{ has_mrr }} then outcomes.opening_mrr_amount end as decimal(18, 2)) as opening_mrr_amount,
        cast(case when {{ has_mrr }} then outcomes.churned_mrr_amount end as decimal(18, 2)) as churned_mrr_amount,
        cast(case when {{ has_mrr }} then openings.opening_mrr_amount end as decimal(18, 2)) as dimension_opening_mrr_amount,
        case when openings.is_mature then {{ ratio_of('outcomes.churned_mrr_amount', opening_mrr) }} end
            as revenue_churn_rate,
        openings.is_mature,
        cast('{{ setting("reporting_currency") | upper }}' as {{ text_type() }}) as currency
    from openings
    inner join outcomes
        on
            {% for name in dimensions %}openings.{{ name }} = outcomes.{{ name }} and {% endfor %}
            openings.month_date = outcomes.month_date
    left join subscription_brands on openings.brand = subscription_brands.brand
)

select * from churn_monthly
