-- Step 7. One row per customer and day, from the first day anything is known of the customer to the as-of date or the day
-- before it was absorbed: the only expansion into days.
with

intervals as (
    select
        customers.brand,
        customers.customer_id,
        intervals.stage,
        intervals.stage_entered_date,
        {{ days_between('intervals.stage_entered_date', 'intervals.valid_from') }} as first_day_number,
        {{ days_between('intervals.stage_entered_date', 'intervals.published_to') }} as end_day_number,
        intervals.is_loyal,
        intervals.is_advocate,
        intervals.is_at_risk
    from {{ ref('int_customer_state_intervals') }} as intervals
    inner join {{ ref('int_customers') }} as customers on intervals.customer_key = customers.customer_key
    where intervals.valid_from < intervals.published_to
),

days as (
    select
        brand,
        customer_id,
        stage,
        stage_entered_date,
        {{ unnest_integers('first_day_number', 'end_day_number') }} as days_in_stage,
        is_loyal,
        is_advocate,
        is_at_risk
    from intervals
),

customer_stages_daily as (
    select
        brand,
        {{ add_days('stage_entered_date', 'days_in_stage') }} as date_day,
        customer_id,
        stage,
        stage_entered_date,
        days_in_stage,
        days_in_stage = 0 as is_stage_entry,
        is_loyal,
        is_advocate,
        is_at_risk
    from days
)

select * from customer_stages_daily
