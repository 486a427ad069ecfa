-- One row per customer: what a team wants to know before it writes to the customer, at the end of the as-of date. No contact
-- data.
with

as_of as (
    select as_of_date, {{ period_start('month', 'as_of_date') }} as month_date
    from {{ ref('customer_lifecycle', 'as_of_date') }}
),

rfm as (
    select segments.customer_id, segments.rfm_segment
    from {{ ref('customer_lifecycle', 'rfm_segments_monthly') }} as segments
    inner join as_of on segments.month_date = as_of.month_date
),

customer_profile as (
    select
        customers.brand, customers.customer_id,
        consents.is_anonymous, consents.has_marketing_consent,
        consents.has_record_consent, consents.record_consent_date,
        consents.has_newsletter_consent, consents.newsletter_consent_date,
        customers.current_stage, customers.stage_entered_date,
        customers.next_scheduled_stage, customers.next_scheduled_date,
        customers.first_purchase_date, customers.last_purchase_date,
        customers.order_count, coalesce(habits.discounted_order_count, 0) as discounted_order_count,
        cast(coalesce(customer_value.revenue_amount, 0) as decimal(18, 2)) as revenue_amount,
        cast(coalesce(customer_value.net_revenue_amount, 0) as decimal(18, 2)) as net_revenue_amount,
        customer_value.predicted_clv_365d, customer_value.predicted_purchases_365d, customer_value.p_alive,
        rfm.rfm_segment,
        next_orders.expected_order_date as expected_next_order_date,
        next_orders.earliest_order_date as expected_next_order_from_date,
        next_orders.latest_order_date as expected_next_order_to_date,
        customers.is_at_risk,
        1 - customer_value.p_alive as churn_risk_rate,
        habits.favourite_category, habits.favourite_channel, habits.last_visit_date,
        habits.last_nps_group, habits.last_nps_date, habits.last_clicked_date,
        customers.acquisition_channel, customers.country_code, customers.segment,
        customers.currency
    from {{ ref('customer_lifecycle', 'lifecycle_customers') }} as customers
    inner join {{ ref('customer_lifecycle', 'int_customer_consents') }} as consents
        on customers.customer_id = consents.customer_id
    left join {{ ref('customer_lifecycle', 'int_customer_habits') }} as habits on consents.customer_key = habits.customer_key
    left join {{ ref('customer_lifecycle', 'int_customer_next_orders') }} as next_orders
        on consents.customer_key = next_orders.customer_key
    left join {{ ref('customer_lifecycle', 'customer_value') }} as customer_value
        on customers.customer_id = customer_value.customer_id
    left join rfm on customers.customer_id = rfm.customer_id
)

select * from customer_profile
