-- One row per audience and customer that belongs to it at the end of the as-of date, whether it may be written to or not.
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

definitions as (
    select * from {{ seed('lifecycle_audience_definitions') }}
),

states as (
    select intervals.customer_key, intervals.stage, intervals.stage_entered_date
    from {{ ref('customer_lifecycle', 'int_customer_state_intervals') }} as intervals
    inner join as_of on intervals.valid_from <= as_of.as_of_date and intervals.valid_to > as_of.as_of_date
),

triggers as (
    -- a merge of two records is no news of the person
    select
        states.customer_key, definitions.audience,
        coalesce(arrivals.stage_reached_date, states.stage_entered_date) as trigger_date
    from states
    inner join definitions on states.stage = definitions.stage
    left join {{ ref('customer_lifecycle', 'int_customer_arrivals') }} as arrivals
        on
            states.customer_key = arrivals.customer_key and states.stage_entered_date <= arrivals.arrived_on
            and arrivals.arrivals_back = 1

    union all

    select customer_key, audience, trigger_date from {{ ref('customer_lifecycle', 'int_audience_flags') }}

    union all

    select customer_key, 'cart_reminder', trigger_date from {{ ref('customer_lifecycle', 'int_audience_carts') }}

    union all

    select customer_key, audience, trigger_date from {{ ref('customer_lifecycle', 'int_audience_habits') }}
),

int_audience_members as (
    select
        triggers.customer_key,
        triggers.audience,
        definitions.priority,
        states.stage,
        states.stage_entered_date,
        triggers.trigger_date,
        {{ add_days('triggers.trigger_date', 'definitions.from_days') }} as since_date
    from triggers
    inner join definitions on triggers.audience = definitions.audience
    -- an absorbed customer has no state any more
    inner join states on triggers.customer_key = states.customer_key
    cross join as_of
    where
        {{ add_days('triggers.trigger_date', 'definitions.from_days') }} <= as_of.as_of_date
        and (
            definitions.to_days is null
            or {{ add_days('triggers.trigger_date', 'coalesce(definitions.to_days, 0)') }} > as_of.as_of_date
        )
)

select * from int_audience_members
