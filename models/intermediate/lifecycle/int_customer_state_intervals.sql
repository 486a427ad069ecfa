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

fact_stages as (
    select * from {{ ref('int_fact_stages') }}
),

changes as (
    select
        facts.customer_key,
        facts.valid_from,
        lifespans.absorbed_date,
        stages.stage,
        stages.rule,
        case when previous_stages.stage is null or previous_stages.stage <> stages.stage then facts.valid_from end
            as stage_entry_date,
        stages.is_loyal,
        stages.is_advocate,
        stages.is_at_risk
    from {{ ref('int_customer_facts') }} as facts
    inner join {{ ref('int_customer_lifespans') }} as lifespans on facts.customer_key = lifespans.customer_key
    inner join fact_stages as stages on facts.fact_sum = stages.fact_sum
    left join fact_stages as previous_stages on facts.previous_fact_sum = previous_stages.fact_sum
    where
        -- an absorbed customer has left; its history goes on as the survivor's
        facts.valid_from < lifespans.absorbed_date
        and (
            previous_stages.stage is null
            or previous_stages.stage <> stages.stage
            or previous_stages.is_loyal <> stages.is_loyal
            or previous_stages.is_advocate <> stages.is_advocate
            or previous_stages.is_at_risk <> stages.is_at_risk
        )
),

int_customer_state_intervals as (
    select
        changes.customer_key,
        changes.valid_from,
        coalesce(
            lead(changes.valid_from) over (partition by changes.customer_key order by changes.valid_from),
            changes.absorbed_date
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
)

select * from int_customer_state_intervals
