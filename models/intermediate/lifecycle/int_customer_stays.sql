-- Step 6, as of the as-of date. One row per customer and stay in a stage. The running stay ends when it is scheduled to,
-- later stays are scheduled themselves; published_to is the end of the part up to the as-of date.
{{ config(materialized='view') }}
with

int_customer_stays as (
    select
        periods.customer_key,
        periods.stage,
        periods.previous_stage,
        periods.rule,
        periods.valid_from > as_of.as_of_date as is_scheduled,
        periods.valid_from,
        periods.valid_to,
        least(periods.valid_to, {{ add_days('as_of.as_of_date', 1) }}) as published_to
    from {{ ref('int_customer_stay_periods') }} as periods
    cross join {{ ref('stg_calendar__as_of_date') }} as as_of
)

select * from int_customer_stays
