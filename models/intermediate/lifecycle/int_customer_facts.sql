-- Step 4. One row per customer and day on which a fact may change: which facts hold from then on. Each fact has a number, a
-- power of two, so that the sum of the numbers of all that hold says which they are.
{{ config(materialized='view') }}
{% set facts = [
    'purchased', 'settled', 'bought_again', 'bought_often', 'bought_recently', 'covered', 'advocating', 'engaged',
    'present', 'active', 'won_back', 'tenured',
] %}
with

windows as (
    select
        customer_key,
        case fact
            {% for fact in facts %}
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

sums as (
    select
        customer_key,
        changed_on,
        cast(sum(change) over (partition by customer_key order by changed_on) as integer) as fact_sum
    from daily_changes
),

int_customer_facts as (
    select
        customer_key,
        {% for fact in facts %}
        mod(fact_sum, {{ 2 ** loop.index }}) >= {{ 2 ** loop.index0 }} as is_{{ fact }},
        {% endfor %}
        changed_on as valid_from
    from sums
)

select * from int_customer_facts
