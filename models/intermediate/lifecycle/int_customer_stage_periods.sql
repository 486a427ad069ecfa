-- Step 6, by stage alone. One row per customer and stage period [valid_from, valid_to): equal neighbours among the state
-- intervals, whatever their flags.
{{ config(materialized=incremental_or_table(), pre_hook='{{ delete_changed_customers() }}') }}
with

intervals as (
    select intervals.*
    from {{ ref('customer_lifecycle', 'int_customer_state_intervals') }} as intervals
    {{ join_current_build('intervals') }}
),

spells as (
    select
        customer_key,
        stage,
        stage_entered_date as valid_from,
        max(case when valid_from = stage_entered_date then rule end) as rule,
        max(valid_to) as valid_to
    from intervals
    group by customer_key, stage, stage_entered_date
),

int_customer_stage_periods as (
    select
        customer_key,
        stage,
        -- a customer who comes back from a merge that was undone had none the day before
        case
            when lag(valid_to) over (partition by customer_key order by valid_from) = valid_from
                then lag(stage) over (partition by customer_key order by valid_from)
        end as previous_stage,
        rule,
        valid_from,
        valid_to,
        coalesce(lag(valid_to) over (partition by customer_key order by valid_from) < valid_from, false) as is_return,
        coalesce(
            lead(valid_from) over (partition by customer_key order by valid_from) > valid_to,
            valid_to < {{ end_of_time() }}
        ) as ends_in_merge
    from spells
)

select * from int_customer_stage_periods
