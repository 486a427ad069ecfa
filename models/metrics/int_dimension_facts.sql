-- One row per fact that metrics by dimension count: a stay in a stage, a lead, a new customer, an answer to a survey, or
-- what a channel and campaign cost in a month and which traffic they brought.
{{ config(materialized='view', schema='intermediate', contract={'enforced': false}) }}
{% set sources = {
    'stays': ['stay_count', 'seen_days', 'exit_count', 'open_count', 'left_30d_count', 'seen_30d_count', 'left_90d_count',
        'seen_90d_count', 'left_365d_count', 'seen_365d_count'],
    'won': ['customer_count', 'lead_count', 'order_count', 'discounted_order_count', 'revenue_amount'],
    'costs': ['spend_amount', 'session_count', 'lead_count', 'discounted_order_count'], 'cohort_costs': ['spend_amount'],
    'answers': ['answer_count', 'good_answer_count'],
} %}
{% set measures = sources.values() | sum(start=[]) | unique | list %}
with

costs as (
    -- what a brand does not bring data of is null, not 0
    select
        brand, 'acquisition' as subject, 'all' as item, month_date as fact_date, channel, campaign_id,
        cast(null as integer) as customer_key, spend_amount, session_count,
        0 * lead_count as lead_count, 0 * discounted_first_order_count as discounted_order_count
    from {{ ref('customer_lifecycle', 'acquisition_channels_monthly') }}
),

brands as (
    select brand, max(lead_count) as no_lead, max(discounted_order_count) as no_discount from costs
    group by brand
),

cohort_costs as (
    {% for months in [3, 12] %}
    select
        costs.brand, 'unit_economics' as subject, '{{ months }} months' as item, costs.fact_date, costs.channel,
        costs.campaign_id, costs.customer_key, costs.spend_amount
    from costs
    inner join {{ ref('customer_lifecycle', 'as_of_date') }} as as_of
        on {{ add_months('costs.fact_date', months + 1) }} <= {{ add_days('as_of.as_of_date', 1) }}
    where costs.spend_amount > 0
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

stays as (
    select
        {% for days in [30, 90, 365] %}
        case when outcome = 'completed' and seen_days <= {{ days }} then 1 else 0 end as left_{{ days }}d_count,
        case when outcome = 'merged' and seen_days < {{ days }} then 0 else 1 end as seen_{{ days }}d_count,
        {% endfor %}
        case when outcome = 'completed' then 1 else 0 end as exit_count,
        case when outcome = 'open' then 1 else 0 end as open_count, 1 as stay_count, seen_days,
        brand, 'stage_durations' as subject, stage as item, reached_date as fact_date, customer_key
    from {{ ref('customer_lifecycle', 'int_customer_stays') }}
),

won as (
    select
        facts.brand, 'acquisition' as subject, 'all' as item, facts.date_day as fact_date, facts.customer_key,
        facts.lead_count + brands.no_lead as lead_count, facts.new_customer_count as customer_count,
        facts.first_order_count as order_count, facts.first_order_revenue_amount as revenue_amount,
        facts.discounted_first_order_count + brands.no_discount as discounted_order_count
    from {{ ref('customer_lifecycle', 'int_acquisition_facts') }} as facts
    left join brands on facts.brand = brands.brand
    where facts.fact_source in ('leads', 'new_customers')
),

answers as (
    select
        brand, survey_type as subject, touchpoint as item, responded_date as fact_date, customer_key, 1 as answer_count,
        case
            when survey_type = 'csat' then case when is_satisfied then 1 else 0 end
            when nps_group = 'promoter' then 1 when nps_group = 'detractor' then -1 else 0
        end as good_answer_count
    from {{ ref('customer_lifecycle', 'int_survey_scores') }}
    where is_scored
),

int_dimension_facts as (
    {% for source, own_measures in sources.items() %}
    {% set no_text = 'cast(null as ' ~ text_type() ~ ')' %}
    select
        {% for measure in measures %}
        {% set value = measure if measure in own_measures else 'null' %}
        cast({{ value }} as {{ 'decimal(18, 2)' if 'amount' in measure else 'integer' }}) as {{ measure }},
        {% endfor %}
        {{ 'channel' if 'costs' in source else no_text }} as channel,
        {{ 'campaign_id' if 'costs' in source else no_text }} as campaign_id,
        brand, subject, item, {{ period_start('month', 'fact_date') }} as month_date, fact_date, customer_key
    from {{ source }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from int_dimension_facts
