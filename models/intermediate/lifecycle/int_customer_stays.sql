-- One row per person and stay in a stage that has begun by the as-of date: the stage periods of customers, but from the day
-- on which the person, all ids joined, reached the stage, and with those of a guest or a merged record as the canonical
-- customer's own. A stay that only a merge ends was observed up to that day; how long it would have lasted is not known. The
-- end of a merge ends stays in the same way. A customer that is then back in an earlier stage, and by its own history never
-- left it, continues that stay: the two are one.
with

customers as (
    select * from {{ ref('customer_lifecycle', 'int_customers') }}
),

arrivals as (
    select * from {{ ref('customer_lifecycle', 'int_customer_arrivals') }}
),

reached_dates as (
    -- of a period in which histories came over, what the last of them says
    select periods.customer_key, periods.valid_from, max(arrivals.arrived_on) as arrived_on
    from {{ ref('customer_lifecycle', 'int_customer_stage_periods') }} as periods
    inner join arrivals
        on
            periods.customer_key = arrivals.customer_key
            and periods.valid_from <= arrivals.arrived_on and periods.valid_to > arrivals.arrived_on
    group by periods.customer_key, periods.valid_from
),

periods as (
    select periods.*, coalesce(arrivals.stage_reached_date, periods.valid_from) as reached_date
    from {{ ref('customer_lifecycle', 'int_customer_stage_periods') }} as periods
    left join reached_dates
        on periods.customer_key = reached_dates.customer_key and periods.valid_from = reached_dates.valid_from
    left join arrivals
        on reached_dates.customer_key = arrivals.customer_key and reached_dates.arrived_on = arrivals.arrived_on
),

owners as (
    -- who goes on with a merged customer's history
    select customers.customer_key as merged_key, identity_map.customer_key, identity_map.valid_from as merged_date
    from customers
    inner join {{ ref('customer_lifecycle', 'int_identity_map') }} as identity_map
        on customers.customer_id = identity_map.person_id and customers.customer_key <> identity_map.customer_key
),

stays as (
    select
        periods.customer_key, customers.brand, periods.stage, periods.valid_from, periods.valid_to, periods.reached_date,
        {{ period_start('month', 'periods.reached_date') }} as entry_month,
        {{ days_between('periods.reached_date', 'least(periods.valid_to, ' ~ add_days('as_of.as_of_date', 1) ~ ')') }}
            as seen_days,
        case
            when periods.valid_to > as_of.as_of_date then 'open'
            when arrivals.stage_reached_date < periods.valid_to then 'merged'
            when not periods.ends_in_merge then 'completed'
            -- who had no life of its own before the merge, and did something that day, has moved on
            when next_periods.stage <> periods.stage and next_periods.previous_stage is null then 'completed'
            else 'merged'
        end as outcome
    from periods
    inner join customers on periods.customer_key = customers.customer_key
    inner join {{ ref('customer_lifecycle', 'as_of_date') }} as as_of on periods.valid_from <= as_of.as_of_date
    left join owners on periods.customer_key = owners.merged_key and periods.valid_to = owners.merged_date
    left join arrivals
        on
            coalesce(owners.customer_key, periods.customer_key) = arrivals.customer_key
            and periods.valid_to = arrivals.arrived_on
    left join periods as next_periods
        on owners.customer_key = next_periods.customer_key and owners.merged_date = next_periods.valid_from
    -- a stay that the canonical customer goes on with is one stay, and counts as that customer's
    where owners.merged_key is null or arrivals.stage is null or arrivals.stage <> periods.stage
),

continued_stays as (
    -- since when the person has been in the stage, by what is known after a merge was undone
    select
        *,
        min(reached_date) over (
            partition by customer_key, stage order by valid_from rows between 1 following and unbounded following
        ) as later_reached_date
    from stays
),

int_customer_stays as (
    select customer_key, brand, stage, reached_date, entry_month, seen_days, outcome from continued_stays
    where outcome <> 'merged' or later_reached_date is null or later_reached_date >= valid_to
)

select * from int_customer_stays
