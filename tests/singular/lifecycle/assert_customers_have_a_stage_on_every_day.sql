-- Identity 1 over days: as many rows per customer as there are days from its first to its last, the as-of date or the day
-- before it was absorbed. Two rows for one day are the primary key's concern.
with

lifespans as (
    select
        customers.customer_id,
        lifespans.first_known_date,
        case
            when lifespans.absorbed_date <= as_of.as_of_date then lifespans.absorbed_date
            else {{ add_days('as_of.as_of_date', 1) }}
        end as end_date
    from {{ ref('int_customer_lifespans') }} as lifespans
    inner join {{ ref('int_customers') }} as customers on lifespans.customer_key = customers.customer_key
    cross join {{ ref('stg_calendar__as_of_date') }} as as_of
),

days as (
    select
        customer_id,
        min(date_day) as first_day,
        max(date_day) as last_day,
        count(*) as day_count
    from {{ ref('customer_stages_daily') }}
    group by customer_id
)

select
    lifespans.customer_id,
    days.customer_id as published_customer_id,
    days.day_count
from lifespans
full outer join days on lifespans.customer_id = days.customer_id
where
    (lifespans.customer_id is null or days.customer_id is null)
    and coalesce(lifespans.first_known_date < lifespans.end_date, true)
    or days.first_day <> lifespans.first_known_date
    or {{ add_days('days.last_day', 1) }} <> lifespans.end_date
    or days.day_count <> {{ days_between('lifespans.first_known_date', 'lifespans.end_date') }}
