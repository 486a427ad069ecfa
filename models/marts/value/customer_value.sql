-- One row per living customer with an order that counts or once counted, or with accrued subscription revenue: what it has
-- been worth so far, and what it may be worth in the year to come.
with

customers as (
    select * from {{ ref('customer_lifecycle', 'int_customers') }}
),

dimensions as (
    select * from {{ ref('customer_lifecycle', 'int_customer_dimensions') }}
),

revenues as (
    select
        customer_key,
        sum(revenue_amount) as revenue_amount,
        sum(refunded_revenue_amount) as refunded_revenue_amount,
        sum(net_revenue_amount) as net_revenue_amount
    from {{ ref('customer_lifecycle', 'int_revenue_entries') }}
    where customer_key is not null
    group by customer_key
),

margins as (
    -- a sum of which a part is unknown is unknown
    select
        customer_key,
        case when sum(case when is_valid and margin_amount is null then 1 else 0 end) = 0 then sum(margin_amount) end
            as margin_amount
    from {{ ref('customer_lifecycle', 'int_order_amounts') }}
    where customer_key is not null
    group by customer_key
),

purchases as (
    select * from {{ ref('customer_lifecycle', 'int_customer_purchase_summary') }}
),

-- by pattern of purchases; none until the prediction step has run
predictions as (
    {{ rows_of_prediction_step('customer_value_predictions') }}
),

customer_value as (
    select
        customers.brand,
        customers.customer_id,
        purchases.first_purchase_date,
        purchases.last_purchase_date,
        cast(coalesce(purchases.order_count, 0) as bigint) as order_count,
        cast(coalesce(purchases.purchase_date_count, 0) as bigint) as purchase_date_count,
        purchases.frequency,
        cast(purchases.age_days - purchases.last_purchase_age_days as integer) as recency_days,
        purchases.age_days,
        cast(revenues.revenue_amount as decimal(18, 2)) as revenue_amount,
        cast(revenues.refunded_revenue_amount as decimal(18, 2)) as refunded_revenue_amount,
        cast(revenues.net_revenue_amount as decimal(18, 2)) as net_revenue_amount,
        cast(margins.margin_amount as decimal(18, 2)) as margin_amount,
        cast(coalesce(purchases.purchase_revenue_amount, 0) as decimal(18, 2)) as purchase_revenue_amount,
        {{ ratio_of('purchases.purchase_revenue_amount', 'purchases.purchase_date_count') }} as mean_purchase_amount,
        predictions.p_alive,
        predictions.predicted_purchases_90d,
        predictions.predicted_purchases_365d,
        cast(predictions.expected_purchase_amount as decimal(18, 2)) as expected_purchase_amount,
        cast(predictions.predicted_clv_365d as decimal(18, 2)) as predicted_clv_365d,
        dimensions.acquisition_channel,
        dimensions.country_code,
        dimensions.segment,
        cast('{{ setting("reporting_currency") | upper }}' as {{ text_type() }}) as currency
    from revenues
    inner join customers on revenues.customer_key = customers.customer_key
    inner join dimensions on revenues.customer_key = dimensions.customer_key
    left join margins on revenues.customer_key = margins.customer_key
    left join purchases on revenues.customer_key = purchases.customer_key
    left join predictions
        on
            purchases.brand = predictions.brand
            -- a prediction made on another day says nothing about this one
            and purchases.as_of_date = predictions.as_of_date
            and purchases.frequency = predictions.frequency
            and purchases.last_purchase_age_days = predictions.last_purchase_age_days
            and purchases.age_days = predictions.age_days
            and purchases.repeat_revenue_amount = predictions.repeat_revenue_amount
)

select * from customer_value
