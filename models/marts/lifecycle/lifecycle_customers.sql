-- One row per customer: its stage, purchases and revenue at the end of the as-of date. An id without a stage is no customer:
-- merged ids and profiles without an event are in customer_ids.
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

customers as (
    select * from {{ ref('customer_lifecycle', 'int_customers') }}
),

journeys as (
    select customer_key, min(entered_date) as first_seen_date
    from {{ ref('customer_lifecycle', 'int_customer_journey_steps') }}
    group by customer_key
),

states as (
    select intervals.*, as_of.as_of_date
    from {{ ref('customer_lifecycle', 'int_customer_state_intervals') }} as intervals
    inner join as_of on intervals.valid_from <= as_of.as_of_date and intervals.valid_to > as_of.as_of_date
),

next_spells as (
    select coming.customer_key, coming.stage, coming.valid_from
    from {{ ref('customer_lifecycle', 'int_customer_stage_periods') }} as running
    inner join {{ ref('customer_lifecycle', 'int_customer_stage_periods') }} as coming
        on running.customer_key = coming.customer_key and running.valid_to = coming.valid_from
    inner join as_of on running.valid_from <= as_of.as_of_date and coming.valid_from > as_of.as_of_date
),

purchases as (
    select
        customer_key, count(*) as purchase_date_count,
        min(purchase_date) as first_purchase_date, max(purchase_date) as last_purchase_date
    from {{ ref('customer_lifecycle', 'int_customer_purchase_days') }}
    where valid_to = {{ end_of_time() }}
    group by customer_key
),

orders as (
    select
        customer_key, sum(case when is_valid then 1 else 0 end) as order_count,
        sum(revenue_amount) as revenue_amount, sum(refunded_revenue_amount) as refunded_revenue_amount,
        sum(net_revenue_amount) as net_revenue_amount
    from {{ ref('customer_lifecycle', 'int_order_amounts') }}
    group by customer_key
),

lifecycle_customers as (
    select
        customers.brand, customers.customer_id,
        journeys.first_seen_date,
        purchases.first_purchase_date, purchases.last_purchase_date,
        states.stage as current_stage, states.stage_entered_date,
        cast({{ days_between('states.stage_entered_date', 'states.as_of_date') }} as integer) as days_in_stage,
        next_spells.stage as next_scheduled_stage, next_spells.valid_from as next_scheduled_date,
        cast(coalesce(purchases.purchase_date_count, 0) as bigint) as purchase_date_count,
        cast(coalesce(orders.order_count, 0) as bigint) as order_count,
        cast(coalesce(orders.revenue_amount, 0) as decimal(18, 2)) as revenue_amount,
        cast(coalesce(orders.refunded_revenue_amount, 0) as decimal(18, 2)) as refunded_revenue_amount,
        cast(coalesce(orders.net_revenue_amount, 0) as decimal(18, 2)) as net_revenue_amount,
        states.is_loyal, states.is_advocate, states.is_at_risk,
        dimensions.acquisition_channel, dimensions.country_code, dimensions.segment,
        cast('{{ setting("reporting_currency") | upper }}' as {{ text_type() }}) as currency
    from customers
    inner join {{ ref('customer_lifecycle', 'int_customer_dimensions') }} as dimensions
        on customers.customer_key = dimensions.customer_key
    inner join states on customers.customer_key = states.customer_key
    left join journeys on customers.customer_key = journeys.customer_key
    left join next_spells on customers.customer_key = next_spells.customer_key
    left join purchases on customers.customer_key = purchases.customer_key
    left join orders on customers.customer_key = orders.customer_key
)

select * from lifecycle_customers
