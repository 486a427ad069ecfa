-- Step 6, by stage alone. One row per customer and stay in a stage [valid_from, valid_to): equal neighbours among the state
-- intervals, whatever their flags.
{{ config(
    materialized=incremental_or_table(), incremental_strategy=append_strategy(), pre_hook='{{ forget_changed_customers() }}',
) }}
with

intervals as (
    select intervals.*
    from {{ ref('int_customer_state_intervals') }} as intervals
    {{ join_current_build('intervals') }}
),

stays as (
    select
        customer_key,
        stage,
        stage_entered_date as valid_from,
        max(case when valid_from = stage_entered_date then rule end) as rule,
        max(valid_to) as valid_to
    from intervals
    group by customer_key, stage, stage_entered_date
),

int_customer_stay_periods as (
    select
        customer_key,
        stage,
        lag(stage) over (partition by customer_key order by valid_from) as previous_stage,
        rule,
        valid_from,
        valid_to
    from stays
)

select * from int_customer_stay_periods
