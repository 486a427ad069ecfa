-- One row per fact that acquisition is measured by: a campaign's day of cost, a session, a visit without any id, a lead, or
-- a new customer. Cost and traffic stand under their own channel and campaign, people under those that won them.
{{ config(materialized='view', access='protected') }}
{% set measures = [
    'impressions', 'clicks', 'spend_amount', 'platform_conversions', 'session_count', 'unidentified_visit_count',
    'lead_count', 'new_customer_count', 'first_order_count', 'first_order_revenue_amount', 'discounted_first_order_count',
] %}
{% set amounts = ['spend_amount', 'first_order_revenue_amount'] %}
{% set sources = {
    'costs': ['impressions', 'clicks', 'spend_amount', 'platform_conversions'],
    'sessions': ['session_count'],
    'unidentified_visits': ['unidentified_visit_count'],
    'leads': ['lead_count'],
    'new_customers': [
        'new_customer_count', 'first_order_count', 'first_order_revenue_amount', 'discounted_first_order_count',
    ],
} %}
with

customers as (
    select brand, customer_key, acquisition_channel as channel, acquisition_campaign_id as campaign_id
    from {{ ref('customer_lifecycle', 'int_customer_dimensions') }}
),

costs as (
    select
        brand, date_day, channel, campaign_id,
        cast(null as {{ text_type() }}) as visitor_id,
        coalesce(impressions, 0) as impressions,
        coalesce(clicks, 0) as clicks,
        coalesce(spend_amount, 0) as spend_amount,
        coalesce(platform_conversions, 0) as platform_conversions
    from {{ ref('customer_lifecycle', 'int_channel_spend_daily') }}
),

sessions as (
    select brand, started_date as date_day, channel, campaign_id, visitor_id, 1 as session_count
    from {{ ref('customer_lifecycle', 'int_sessions') }}
),

unidentified_visits as (
    select
        brand, occurred_date as date_day, channel, campaign_id, visitor_id,
        1 as unidentified_visit_count
    from {{ ref('customer_lifecycle', 'int_stitched_touchpoints') }}
    where is_web_visit and visitor_id is null
),

leads as (
    select
        customers.brand,
        leads.lead_date as date_day,
        customers.channel, customers.campaign_id, customers.customer_key,
        cast(null as {{ text_type() }}) as visitor_id,
        1 as lead_count
    from {{ ref('customer_lifecycle', 'int_leads') }} as leads
    inner join customers on leads.customer_key = customers.customer_key
),

new_customers as (
    select
        customers.brand,
        new_customers.first_purchase_date as date_day,
        customers.channel, customers.campaign_id, customers.customer_key,
        cast(null as {{ text_type() }}) as visitor_id,
        1 as new_customer_count,
        case when new_customers.order_id is not null then 1 else 0 end as first_order_count,
        coalesce(new_customers.revenue_amount, 0) as first_order_revenue_amount,
        case when new_customers.is_discounted then 1 else 0 end as discounted_first_order_count
    from {{ ref('customer_lifecycle', 'int_customer_first_purchases') }} as new_customers
    inner join customers on new_customers.customer_key = customers.customer_key
),

int_acquisition_facts as (
    {% for source, own_measures in sources.items() %}
    select
        '{{ source }}' as fact_source,
        brand, date_day, channel,
        coalesce(campaign_id, 'none') as campaign_id,
        {% for measure in measures %}
        {% set value = measure if measure in own_measures else '0' %}
        {{ 'cast(' ~ value ~ ' as decimal(18, 2))' if measure in amounts else value }} as {{ measure }},
        {% endfor %}
        {{ 'customer_key' if source in ['leads', 'new_customers'] else 'cast(null as integer)' }} as customer_key,
        visitor_id
    from {{ source }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from int_acquisition_facts
