-- One row per customer that an increment computes anew and period [valid_from, valid_to) of one state, as the last complete
-- build had it. Saved before the customer is computed anew. Nobody whose states are an unfinished build's: what the daily
-- table holds of those is not known.
{% set intervals = earlier_table('int_customer_state_intervals') %}
{#- a build of an earlier version did not say which one it was -#}
{% set columns = adapter.get_columns_in_relation(intervals) | map(attribute='name') | map('lower') if intervals else [] %}
{% set intervals = intervals if 'computed_in_build' in columns else none %}
with

customers as (
    select customer_key from {{ ref('int_customers_to_compute') }}
    where not is_everybody
),

states as (
    {% if intervals -%}
    select
        intervals.customer_key,
        intervals.valid_from,
        intervals.valid_to,
        intervals.stage,
        intervals.stage_entered_date,
        intervals.is_loyal,
        intervals.is_advocate,
        intervals.is_at_risk,
        intervals.computed_in_build
    from {{ intervals }} as intervals
    inner join customers on intervals.customer_key = customers.customer_key
    {%- else -%}
    -- nothing is known of what was published: no row, of the right types
    select
        customer_key,
        cast(null as date) as valid_from,
        cast(null as date) as valid_to,
        cast(null as {{ text_type() }}) as stage,
        cast(null as date) as stage_entered_date,
        cast(null as boolean) as is_loyal,
        cast(null as boolean) as is_advocate,
        cast(null as boolean) as is_at_risk,
        cast(null as integer) as computed_in_build
    from customers
    where 1 = 0
    {%- endif %}
),

unfinished as (
    select states.customer_key
    from states
    inner join {{ ref('int_current_build') }} as current_build on states.computed_in_build >= current_build.build_number
),

int_published_states as (
    select
        customer_key,
        valid_from,
        valid_to,
        stage,
        stage_entered_date,
        is_loyal,
        is_advocate,
        is_at_risk
    from states
    where customer_key not in (select unfinished.customer_key from unfinished)
)

select * from int_published_states
