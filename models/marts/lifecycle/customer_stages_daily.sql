-- Step 7. One row per customer and day, from the first day anything is known of the customer to the as-of date or the day
-- before it was merged into another: the only expansion into days. An increment adds the new days of all customers, and
-- writes all days again of the customers whose published days have changed.
{{ config(
    materialized=incremental_or_table(setting('customer_stages_daily_as')),
   
    pre_hook=['{{ delete_changed_customers("customer_id", "int_customers_to_rewrite") }}', '{{ delete_later_days() }}'],
) }}
with

as_of as (
    select {{ add_days('as_of_date', 1) }} as published_to from {{ ref('customer_lifecycle', 'as_of_date') }}
),

customers as (
    select
        customers.customer_key, customers.brand, customers.customer_id, as_of.published_to,
        {% if is_incremental() -%}
        case
            when rewritten.customer_key is null then current_build.compared_to
            else {{ beginning_of_time() }}
        end as published_from
        {%- else -%}
        {{ beginning_of_time() }} as published_from
        {%- endif %}
    from {{ ref('customer_lifecycle', 'int_customers') }} as customers
    cross join as_of
    {% if is_incremental() -%}
    cross join {{ ref('customer_lifecycle', 'int_current_build') }} as current_build
    left join {{ ref('customer_lifecycle', 'int_customers_to_rewrite') }} as rewritten
        on customers.customer_key = rewritten.customer_key
    {%- endif %}
),

intervals as (
    select
        customers.brand, customers.customer_id, intervals.stage, intervals.stage_entered_date,
        {{ days_between('intervals.stage_entered_date', 'greatest(intervals.valid_from, customers.published_from)') }}
            as first_day_number,
        {{ days_between('intervals.stage_entered_date', 'least(intervals.valid_to, customers.published_to)') }}
            as end_day_number,
        intervals.is_loyal, intervals.is_advocate, intervals.is_at_risk
    from {{ ref('customer_lifecycle', 'int_customer_state_intervals') }} as intervals
    inner join customers on intervals.customer_key = customers.customer_key
    where
        intervals.valid_from < customers.published_to
        and intervals.valid_to > customers.published_from
),

days as (
    select
        brand, customer_id, stage, stage_entered_date,
        {{ unnest_integers('first_day_number', 'end_day_number') }} as days_in_stage,
        is_loyal, is_advocate, is_at_risk
    from intervals
    {{ join_integers('first_day_number', 'end_day_number') }}
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
