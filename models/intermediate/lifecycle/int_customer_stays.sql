-- Step 6, by stage alone. One row per customer and stay in a stage [valid_from, valid_to): equal neighbours among the state
-- intervals, whatever their flags. The running stay ends when it is scheduled to, later stays are scheduled themselves.
with

intervals as (
    select * from {{ ref('int_customer_state_intervals') }}
),

stays as (
    select
        customer_key,
        stage,
        stage_entered_date as valid_from,
        max(case when valid_from = stage_entered_date then rule end) as rule,
        max(valid_to) as valid_to,
        max(published_to) as published_to
    from intervals
    group by customer_key, stage, stage_entered_date
),

int_customer_stays as (
    select
        customer_key,
        stage,
        lag(stage) over (partition by customer_key order by valid_from) as previous_stage,
        rule,
        valid_from >= published_to as is_scheduled,
        valid_from,
        valid_to,
        published_to
    from stays
)

select * from int_customer_stays
