-- One row per customer that an increment computes again and period [valid_from, valid_to) of one state, as the last complete
-- build had it. Saved before the customer is computed again. If an unfinished build has written the customer's states, there
-- is no row: it is not known what the daily table holds of the customer.
{% set last_build = last_complete_build() %}
with

customers as (
    select customer_key from {{ ref('customer_lifecycle', 'int_changed_customers') }}
    where not is_full_refresh
),

states as (
    {% if last_build -%}
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
    from {{ last_build.int_customer_state_intervals }} as intervals
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
    inner join {{ ref('customer_lifecycle', 'int_current_build') }} as current_build
        on states.computed_in_build >= current_build.build_number
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
