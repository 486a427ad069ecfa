-- One row per length of period (day, month), period, channel and campaign with at least one fact. A measure whose raw table
-- has no row of the brand is null, not 0.
{% set sums = [
    'impressions', 'clicks', 'spend_amount', 'platform_conversions', 'session_count', 'unidentified_visit_count',
    'lead_count', 'new_customer_count', 'first_order_count', 'first_order_revenue_amount', 'discounted_first_order_count',
] %}
{% set sources = {
    'costs': ['impressions', 'clicks', 'spend_amount', 'platform_conversions'],
    'sessions': ['session_count', 'visitor_count', 'unidentified_visit_count'],
    'leads': ['lead_count'],
    'discounts': ['discounted_first_order_count'],
} %}
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

sources as (
    select distinct
        brand,
        'costs' as fact_source
    from {{ ref('customer_lifecycle', 'stg_marketing__ad_performance') }}
    union all
    select distinct
        brand,
        'sessions' as fact_source
    from {{ ref('customer_lifecycle', 'stg_marketing__touchpoints') }}
    union all
    select distinct
        brand,
        'leads' as fact_source
    from {{ ref('customer_lifecycle', 'stg_marketing__engagements') }}
    union all
    -- a shop that never says anything of discounts has an unknown share of them, not none
    select distinct
        brand,
        'discounts' as fact_source
    from {{ ref('customer_lifecycle', 'stg_shop__orders') }}
    where discount_amount is not null or discount_code is not null
),

brands as (
    select
        {% for source in sources %}
        max(case when fact_source = '{{ source }}' then 1 else 0 end) as has_{{ source }},
        {% endfor %}
        brand
    from sources
    group by brand
),

facts as (
    {% for period in ['day', 'month'] %}
    select
        *,
        '{{ period }}' as period_length,
        {{ 'date_day' if period == 'day' else period_start('month', 'date_day') }} as period_date
    from {{ ref('customer_lifecycle', 'int_acquisition_facts') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

totals as (
    select
        brand, period_length, period_date, channel, campaign_id,
        {% for measure in sums %}
        sum({{ measure }}) as {{ measure }},
        {% endfor %}
        count(distinct visitor_id) as visitor_count
    from facts
    group by brand, period_length, period_date, channel, campaign_id
),

int_acquisition_measures as (
    select
        totals.brand, totals.period_length, totals.period_date, totals.channel, totals.campaign_id,
        {% for source, measures in sources.items() %}
        {% for measure in measures %}
        case when brands.has_{{ source }} = 1 then totals.{{ measure }} end as {{ measure }},
        {% endfor %}
        {% endfor %}
        totals.new_customer_count, totals.first_order_count, totals.first_order_revenue_amount,
        totals.period_length = 'day' or {{ add_months('totals.period_date', 1) }} <= {{ add_days('as_of.as_of_date', 1) }}
            as is_mature
    from totals
    cross join as_of
    left join brands on totals.brand = brands.brand
)

select * from int_acquisition_measures
