-- One row per customer and day on which an id came over and changed its state: since when the person, both histories joined,
-- has been in the stage and the flags of that day. A guest who opens an account, an import with its date, or a merge of two
-- records, or its end, is no news of the person. What the windows say of the day itself is what the state machine says.
{% set version = 'customer_key, arrived_on' %}
with

windows as (
    select
        {{ version }}, starts_on, ends_on,
        case fact {% for fact in fact_names() %}when '{{ fact }}' then {{ 2 ** loop.index0 }} {% endfor %}end as fact_number
    from {{ ref('customer_lifecycle', 'int_arrival_windows') }}
),

{{ merged_windows('merged_windows', windows='windows', keys=['customer_key', 'arrived_on', 'fact_number']) }},

fact_changes as (
    select {{ version }}, starts_on as changed_on, fact_number as change from merged_windows

    union all

    select {{ version }}, ends_on, -fact_number from merged_windows
    where ends_on <= arrived_on
),

daily_changes as (
    select {{ version }}, changed_on, cast(sum(change) as integer) as change from fact_changes
    group by {{ version }}, changed_on
),

facts as (
    select
        {{ version }}, changed_on,
        cast(sum(change) over (partition by {{ version }} order by changed_on) as integer) as fact_sum
    from daily_changes
),

states as (
    select
        facts.customer_key, facts.arrived_on, facts.changed_on, stages.stage, stages.is_at_risk,
        stages.is_loyal and not stages.is_advocate and not stages.is_at_risk as is_to_be_asked
    from facts
    inner join {{ ref('customer_lifecycle', 'int_fact_stages') }} as stages on facts.fact_sum = stages.fact_sum
),

neighbours as (
    select
        *,
        {% for column in ['stage', 'is_at_risk', 'is_to_be_asked'] %}
        lag({{ column }}) over (partition by {{ version }} order by changed_on) as previous_{{ column }},
        {% endfor %}
        row_number() over (partition by {{ version }} order by changed_on desc) as days_back
    from states
),

int_customer_arrivals as (
    select
        {{ version }},
        row_number() over (partition by customer_key order by arrived_on desc) as arrivals_back,
        max(case when days_back = 1 then stage end) as stage,
        max(case when previous_stage is null or previous_stage <> stage then changed_on end) as stage_reached_date,
        max(case when is_at_risk and not coalesce(previous_is_at_risk, false) then changed_on end) as at_risk_date,
        max(case when is_to_be_asked and not coalesce(previous_is_to_be_asked, false) then changed_on end)
            as to_be_asked_date
    from neighbours
    group by {{ version }}
)

select * from int_customer_arrivals
