-- One row per day, channel and campaign in which anything was spent, any visitor came, or any customer was won. Where
-- nothing was spent, the cost of a customer is null (unknown), not 0.
with

measures as (
    select * from {{ ref('customer_lifecycle', 'int_acquisition_measures') }}
    where period_length = 'day'
),

acquisition_channels_daily as (
    select
        brand,
        period_date as date_day,
        channel,
        campaign_id,
        cast(impressions as bigint) as impressions,
        cast(clicks as bigint) as clicks,
        cast(spend_amount as decimal(18, 2)) as spend_amount,
        cast(session_count as bigint) as session_count,
        cast(visitor_count as bigint) as visitor_count,
        cast(unidentified_visit_count as bigint) as unidentified_visit_count,
        cast(lead_count as bigint) as lead_count,
        cast(new_customer_count as bigint) as new_customer_count,
        cast(first_order_count as bigint) as first_order_count,
        cast(first_order_revenue_amount as decimal(18, 2)) as first_order_revenue_amount,
        cast(discounted_first_order_count as bigint) as discounted_first_order_count,
        {{ ratio_of('nullif(spend_amount, 0)', 'lead_count') }} as cost_per_lead,
        {{ ratio_of('nullif(spend_amount, 0)', 'new_customer_count') }} as customer_acquisition_cost,
        {{ ratio_of('discounted_first_order_count', 'first_order_count') }} as discounted_first_order_rate,
        {{ ratio_of('first_order_revenue_amount', 'spend_amount') }} as roas,
        cast('{{ setting("reporting_currency") | upper }}' as {{ text_type() }}) as currency
    from measures
)

select * from acquisition_channels_daily
