-- Step 6. One row per customer and period [valid_from, valid_to) of one stage with the same flags; the last one runs until
-- the customer is absorbed, or for ever. Periods run past the as-of date: they say what comes if nothing happens.
{{ config(
    materialized=incremental_or_table(),
    incremental_strategy=append_strategy(),
    on_schema_change='append_new_columns',
    pre_hook='{{ forget_changed_customers() }}',
) }}
-- what was published is saved before it is forgotten
-- depends_on: {{ ref('int_published_states') }}
with

stages as (
    select
        *,
        lag(stage) over (partition by customer_key order by valid_from) as previous_stage,
        lag(is_loyal) over (partition by customer_key order by valid_from) as was_loyal,
        lag(is_advocate) over (partition by customer_key order by valid_from) as was_advocate,
        lag(is_at_risk) over (partition by customer_key order by valid_from) as was_at_risk
    from {{ ref('int_customer_stages') }}
),

changes as (
    select
        *,
        case when previous_stage is null or previous_stage <> stage then valid_from end as stage_entry_date
    from stages
    where
        previous_stage is null
        or previous_stage <> stage
        or was_loyal <> is_loyal
        or was_advocate <> is_advocate
        or was_at_risk <> is_at_risk
),

int_customer_state_intervals as (
    select
        changes.customer_key,
        changes.valid_from,
        coalesce(
            lead(changes.valid_from) over (partition by changes.customer_key order by changes.valid_from),
            customers.absorbed_date
        ) as valid_to,
        changes.stage,
        changes.rule,
        max(changes.stage_entry_date) over (partition by changes.customer_key order by changes.valid_from)
            as stage_entered_date,
        changes.is_loyal,
        changes.is_advocate,
        changes.is_at_risk,
        current_build.build_number as computed_in_build
    from changes
    cross join {{ ref('int_current_build') }} as current_build
    inner join {{ ref('int_customer_lifespans') }} as customers on changes.customer_key = customers.customer_key
)

select * from int_customer_state_intervals
