-- Step 4. One row per customer and day on which a fact may change: which facts hold from then on. A fact holds as long as
-- the furthest end among the windows that have opened lies ahead.
{{ config(materialized='view') }}
{% set facts = [
    'purchased', 'settled', 'bought_again', 'bought_often', 'bought_recently', 'covered', 'advocating', 'engaged',
    'present', 'active', 'won_back', 'tenured',
] %}
with

windows as (
    select * from {{ ref('int_customer_windows') }}
),

-- of windows that overlap or touch, only the outer ends can change anything
{{ merged_windows('merged_windows', windows='windows', keys=['customer_key', 'fact']) }},

changes as (
    select customer_key, starts_on as changed_on, fact, ends_on from merged_windows

    union all

    select customer_key, ends_on, 'any', null from merged_windows
    where ends_on < {{ end_of_time() }}

    union all

    -- everybody has a first day, also a survivor whose inherited windows had all closed before
    select customer_key, first_known_date, 'any', null from {{ ref('int_computed_customers') }}
),

openings as (
    select
        customer_key,
        {% for fact in facts %}
        max(case when fact = '{{ fact }}' then ends_on end) as {{ fact }}_to,
        {% endfor %}
        changed_on
    from changes
    group by customer_key, changed_on
),

int_customer_facts as (
    select
        customer_key,
        {% for fact in facts %}
        coalesce(max({{ fact }}_to) over (partition by customer_key order by changed_on) > changed_on, false)
            as is_{{ fact }},
        {% endfor %}
        changed_on as valid_from
    from openings
)

select * from int_customer_facts
