-- Steps 4 and 6. One row per customer and period [valid_from, valid_to) of one stage with the same flags; the last one runs
-- until the customer is absorbed, or for ever. Periods run past the as-of date: they say what comes if nothing happens. On
-- the days of a merge that was undone later the customer has no interval: this fact is none of the twelve of step 5.
{{ config(materialized=incremental_or_table(), pre_hook='{{ delete_changed_customers() }}') }}
-- what was published is saved before it is forgotten
-- depends_on: {{ ref('customer_lifecycle', 'int_published_states') }}
with

lifespans as (
    select lifespans.* from {{ ref('customer_lifecycle', 'int_customer_lifespans') }} as lifespans
    {{ join_current_build('lifespans') }}
),

{% set absent = 2 ** fact_names() | length -%}
absences as (
    select lifespans.customer_key, links.linked_date, links.unlinked_date
    from {{ ref('customer_lifecycle', 'int_identity_links') }} as links
    inner join {{ ref('customer_lifecycle', 'int_customers') }} as customers
        on links.merged_person_id = customers.customer_id
    inner join lifespans on customers.customer_key = lifespans.customer_key
    where
        links.link_status = 'accepted' and links.unlinked_date < {{ end_of_time() }}
        and links.linked_date >= lifespans.first_known_date
),

windows as (
    {% for model in ['int_customer_windows', 'int_customer_purchase_counts'] %}
    select
        customer_key, starts_on, ends_on,
        case fact {% for fact in fact_names() %}when '{{ fact }}' then {{ 2 ** loop.index0 }} {% endfor %}end as fact_number
    from {{ ref('customer_lifecycle', model) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- of windows that overlap or touch, only the outer ends can change anything; merged, they switch a fact on and off in turn
{{ merged_windows('merged_windows', windows='windows', keys=['customer_key', 'fact_number']) }},

fact_changes as (
    select customer_key, starts_on as changed_on, fact_number as change from merged_windows

    union all

    select customer_key, ends_on, -fact_number from merged_windows
    where ends_on < {{ end_of_time() }}

    union all

    -- each customer has a first day, also one whose inherited windows had all closed before
    select customer_key, first_known_date, 0 from lifespans

    union all

    select customer_key, linked_date, {{ absent }} from absences

    union all

    select customer_key, unlinked_date, -{{ absent }} from absences
),

daily_changes as (
    select customer_key, changed_on, cast(sum(change) as integer) as change from fact_changes
    group by customer_key, changed_on
),

-- step 4: which facts hold from a day on which any of them may change, and which held before, as the sum of their numbers
facts as (
    select
        customer_key, changed_on as valid_from,
        cast(sum(change) over (partition by customer_key order by changed_on) as integer) as fact_sum,
        cast(sum(change) over (
            partition by customer_key order by changed_on rows between unbounded preceding and 1 preceding
        ) as integer) as previous_fact_sum
    from daily_changes
),

state_changes as (
    select
        facts.customer_key, facts.valid_from, lifespans.merged_date,
        stages.stage, stages.rule, stages.is_loyal, stages.is_advocate, stages.is_at_risk,
        case when previous_stages.stage is null or previous_stages.stage <> stages.stage then facts.valid_from end
            as stage_entry_date
    from facts
    inner join lifespans on facts.customer_key = lifespans.customer_key
    left join {{ ref('customer_lifecycle', 'int_fact_stages') }} as stages on facts.fact_sum = stages.fact_sum
    left join {{ ref('customer_lifecycle', 'int_fact_stages') }} as previous_stages
        on facts.previous_fact_sum = previous_stages.fact_sum
    where
        -- an absorbed customer has left; its history goes on as the survivor's
        facts.valid_from < lifespans.merged_date
        and (
            previous_stages.stage is null or stages.stage is null or previous_stages.stage <> stages.stage
            or previous_stages.is_loyal <> stages.is_loyal or previous_stages.is_advocate <> stages.is_advocate
            or previous_stages.is_at_risk <> stages.is_at_risk
        )
),

int_customer_state_intervals as (
    select
        changes.customer_key, changes.valid_from,
        coalesce(
            lead(changes.valid_from) over (partition by changes.customer_key order by changes.valid_from),
            changes.merged_date
        ) as valid_to,
        changes.stage, changes.rule,
        max(changes.stage_entry_date) over (partition by changes.customer_key order by changes.valid_from)
            as stage_entered_date,
        changes.is_loyal, changes.is_advocate, changes.is_at_risk, current_build.build_number as computed_in_build
    from state_changes as changes
    cross join {{ ref('customer_lifecycle', 'int_current_build') }} as current_build
)

select * from int_customer_state_intervals
where stage is not null
