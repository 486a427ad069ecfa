-- One row per customer that is computed in this build and has at least one published day that changed, new and vanished
-- customers included: all its days are written again. Most customers only get new days.
with

states as (
    select intervals.*
    from {{ ref('customer_lifecycle', 'int_customer_state_intervals') }} as intervals
    inner join {{ ref('customer_lifecycle', 'int_changed_customers') }} as computed
        on intervals.customer_key = computed.customer_key
    where not computed.is_full_refresh
),

published_states as (
    select * from {{ ref('customer_lifecycle', 'int_published_states') }}
),

published_customers as (
    select customer_key from published_states
    group by customer_key
),

differences as (
    select
        coalesce(states.customer_key, published_states.customer_key) as customer_key,
        case
            when states.customer_key is null then published_states.valid_from
            when published_states.customer_key is null then states.valid_from
            else least(states.valid_to, published_states.valid_to)
        end as differs_from
    from states
    full outer join published_states
        on
            states.customer_key = published_states.customer_key
            and states.valid_from = published_states.valid_from
            and states.stage = published_states.stage
            and states.stage_entered_date = published_states.stage_entered_date
            and states.is_loyal = published_states.is_loyal
            and states.is_advocate = published_states.is_advocate
            and states.is_at_risk = published_states.is_at_risk
    where
        states.customer_key is null
        or published_states.customer_key is null
        or states.valid_to <> published_states.valid_to
),

first_differences as (
    select customer_key, min(differs_from) as differs_from
    from differences
    group by customer_key
),

int_customers_to_rewrite as (
    select computed.customer_key, computed.customer_id, computed.is_full_refresh
    from {{ ref('customer_lifecycle', 'int_changed_customers') }} as computed
    cross join {{ ref('customer_lifecycle', 'int_current_build') }} as current_build
    left join published_customers on computed.customer_key = published_customers.customer_key
    left join first_differences on computed.customer_key = first_differences.customer_key
    where
        computed.is_full_refresh
        or published_customers.customer_key is null
        or current_build.published_as_of_date is null
        or first_differences.differs_from < current_build.compared_to
)

select * from int_customers_to_rewrite
