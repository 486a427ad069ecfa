-- Identity 1 over days: as many rows per customer as there are days from its first to its last, the as-of date or the day
-- before it was merged; less those of merges that were undone. Two rows for one day are the primary key's concern.
with

absences as (
    select
        customers.customer_key,
        sum({{ days_between('links.linked_date', 'links.unlinked_date') }}) as absent_day_count
    from {{ ref('customer_lifecycle', 'int_identity_links') }} as links
    inner join {{ ref('customer_lifecycle', 'int_customers') }} as customers
        on links.merged_person_id = customers.customer_id
    inner join {{ ref('customer_lifecycle', 'int_customer_lifespans') }} as lifespans
        on customers.customer_key = lifespans.customer_key
    where
        links.link_status = 'accepted' and links.unlinked_date < {{ end_of_time() }}
        and links.linked_date >= lifespans.first_known_date
    group by customers.customer_key
),

lifespans as (
    select
        customers.customer_id,
        coalesce(absences.absent_day_count, 0) as absent_day_count,
        lifespans.first_known_date,
        case
            when lifespans.merged_date <= as_of.as_of_date then lifespans.merged_date
            else {{ add_days('as_of.as_of_date', 1) }}
        end as end_date
    from {{ ref('customer_lifecycle', 'int_customer_lifespans') }} as lifespans
    inner join {{ ref('customer_lifecycle', 'int_customers') }} as customers
        on lifespans.customer_key = customers.customer_key
    cross join {{ ref('customer_lifecycle', 'as_of_date') }} as as_of
    left join absences on lifespans.customer_key = absences.customer_key
),

days as (
    select
        customer_id,
        min(date_day) as first_day,
        max(date_day) as last_day,
        count(*) as day_count
    from {{ ref('customer_lifecycle', 'customer_stages_daily') }}
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
    and coalesce(lifespans.absent_day_count, 0) = 0
    or (lifespans.absent_day_count = 0 and days.first_day <> lifespans.first_known_date)
    or (lifespans.absent_day_count = 0 and {{ add_days('days.last_day', 1) }} <> lifespans.end_date)
    or days.day_count
    <> {{ days_between('lifespans.first_known_date', 'lifespans.end_date') }} - lifespans.absent_day_count
