-- One row per customer, those without events and those that were absorbed included: where it stands at the end of the
-- as-of date.
with

as_of as (
    select as_of_date from {{ ref('stg_calendar__as_of_date') }}
),

customers as (
    select * from {{ ref('int_customers') }}
),

slices as (
    select * from {{ ref('int_customer_slices') }}
),

lifespans as (
    select * from {{ ref('int_customer_lifespans') }}
),

stays as (
    select * from {{ ref('int_customer_stays') }}
),

journeys as (
    select
        customer_key,
        min(entered_date) as first_seen_date
    from {{ ref('int_customer_journey_steps') }}
    group by customer_key
),

states as (
    select
        intervals.*,
        as_of.as_of_date
    from {{ ref('int_customer_state_intervals') }} as intervals
    inner join as_of on intervals.valid_from <= as_of.as_of_date and intervals.valid_to > as_of.as_of_date
),

next_stays as (
    select
        coming.customer_key,
        coming.stage,
        coming.valid_from
    from stays as running
    inner join stays as coming on running.customer_key = coming.customer_key and running.valid_to = coming.valid_from
    where not running.is_scheduled and coming.is_scheduled
),

purchases as (
    select
        customer_key,
        count(*) as purchase_date_count,
        min(purchase_date) as first_purchase_date,
        max(purchase_date) as last_purchase_date
    from {{ ref('int_customer_purchase_days') }}
    where valid_to = {{ end_of_time() }}
    group by customer_key
),

orders as (
    select
        customer_key,
        sum(case when is_valid then 1 else 0 end) as order_count,
        sum(revenue_amount) as revenue_amount,
        sum(refunded_revenue_amount) as refunded_revenue_amount,
        sum(net_revenue_amount) as net_revenue_amount
    from {{ ref('int_order_amounts') }}
    group by customer_key
),

lifecycle_customers as (
    select
        customers.brand,
        customers.customer_id,
        survivors.customer_id as absorbed_by_customer_id,
        customers.absorbed_date,
        coalesce(journeys.first_seen_date, lifespans.first_known_date) as first_seen_date,
        purchases.first_purchase_date,
        purchases.last_purchase_date,
        states.stage as current_stage,
        states.stage_entered_date,
        cast({{ days_between('states.stage_entered_date', 'states.as_of_date') }} as integer) as days_in_stage,
        next_stays.stage as next_scheduled_stage,
        next_stays.valid_from as next_scheduled_date,
        cast(coalesce(purchases.purchase_date_count, 0) as bigint) as purchase_date_count,
        cast(coalesce(orders.order_count, 0) as bigint) as order_count,
        cast(coalesce(orders.revenue_amount, 0) as decimal(18, 2)) as revenue_amount,
        cast(coalesce(orders.refunded_revenue_amount, 0) as decimal(18, 2)) as refunded_revenue_amount,
        cast(coalesce(orders.net_revenue_amount, 0) as decimal(18, 2)) as net_revenue_amount,
        states.is_loyal,
        states.is_advocate,
        states.is_at_risk,
        slices.acquisition_channel,
        slices.country_code,
        slices.segment
    from customers
    inner join slices on customers.customer_key = slices.customer_key
    left join customers as survivors on customers.absorbed_by_customer_id = survivors.customer_id
    left join lifespans on customers.customer_key = lifespans.customer_key
    left join journeys on customers.customer_key = journeys.customer_key
    left join states on customers.customer_key = states.customer_key
    left join next_stays on customers.customer_key = next_stays.customer_key
    -- what an absorbed customer bought is its survivor's now
    left join purchases on customers.customer_key = purchases.customer_key and customers.absorbed_date is null
    left join orders on customers.customer_key = orders.customer_key
)

select * from lifecycle_customers
