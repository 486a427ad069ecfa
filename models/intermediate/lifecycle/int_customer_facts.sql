-- Step 4. One row per customer and day on which a fact may change: which facts hold from then on, and which held before, as
-- the sum of their numbers.
{{ config(materialized='view') }}
with

windows as (
    select
        customer_key,
        case fact
            {% for fact in fact_names() %}
            when '{{ fact }}' then {{ 2 ** loop.index0 }}
            {% endfor %}
        end as fact_number,
        starts_on,
        ends_on
    from {{ ref('int_customer_windows') }}
),

-- of windows that overlap or touch, only the outer ends can change anything; merged, they switch a fact on and off in turn
{{ merged_windows('merged_windows', windows='windows', keys=['customer_key', 'fact_number']) }},

changes as (
    select customer_key, starts_on as changed_on, fact_number as change from merged_windows

    union all

    select customer_key, ends_on, -fact_number from merged_windows
    where ends_on < {{ end_of_time() }}

    union all

    -- everybody has a first day, also a survivor whose inherited windows had all closed before
    select customer_key, first_known_date, 0 from {{ ref('int_computed_customers') }}
),

daily_changes as (
    select customer_key, changed_on, cast(sum(change) as integer) as change
    from changes
    group by customer_key, changed_on
),

int_customer_facts as (
    select
        customer_key,
        cast(sum(change) over (partition by customer_key order by changed_on) as integer) as fact_sum,
        cast(sum(change) over (
            partition by customer_key order by changed_on rows between unbounded preceding and 1 preceding
        ) as integer) as previous_fact_sum,
        changed_on as valid_from
    from daily_changes
)

select * from int_customer_facts
