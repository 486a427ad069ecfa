-- One row per brand, event, month in which the time to it begins, attributes of the customer and number of days: how many
-- customers were observed for so long, and to how many the event came then. Customers are those of today, all ids joined.
-- Those without the event were last observed on the as-of date; stays in a stage that a merge ends, on the day before it.
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

customers as (
    select customer_key from {{ ref('customer_lifecycle', 'int_customers') }}
    where merged_date is null
),

first_events as (
    select events.customer_key, min(events.event_date) as first_event_date
    from {{ ref('customer_lifecycle', 'int_customer_events') }} as events
    inner join customers on events.customer_key = customers.customer_key
    cross join as_of
    where events.known_until = {{ end_of_time() }} and events.event_date <= as_of.as_of_date
    group by events.customer_key
),

purchases as (
    select * from {{ ref('customer_lifecycle', 'int_customer_purchase_history') }}
    where purchase_number = 1
),

episodes as (
    select
        episodes.customer_key, episodes.episode_number, episodes.starts_on, episodes.ends_on,
        lead(episodes.starts_on) over (partition by episodes.customer_key order by episodes.starts_on) as next_starts_on
    from {{ ref('customer_lifecycle', 'int_customer_episodes') }} as episodes
    inner join customers on episodes.customer_key = customers.customer_key
    cross join as_of
    where episodes.version_to = {{ end_of_time() }} and episodes.starts_on <= as_of.as_of_date
),

times as (
    select
        first_events.customer_key, 'first_purchase' as event_name, first_events.first_event_date as began_on,
        purchases.purchase_date as event_date
    from first_events
    left join purchases on first_events.customer_key = purchases.customer_key

    union all

    select customer_key, 'repurchase', purchase_date, next_purchase_date from purchases

    union all

    select customer_key, 'churn', starts_on, ends_on from episodes
    where episode_number = 1

    union all

    select customer_key, 'win_back', ends_on, next_starts_on from episodes
),

observed as (
    select
        times.customer_key, times.event_name, {{ period_start('month', 'times.began_on') }} as cohort_month,
        {{ days_between('times.began_on', 'least(coalesce(times.event_date, as_of.as_of_date), as_of.as_of_date)') }}
            as day_number,
        case when times.event_date <= as_of.as_of_date then 1 else 0 end as has_event
    from times
    inner join as_of on times.began_on <= as_of.as_of_date

    union all

    select
        customer_key, 'leaves_' || stage as event_name, entry_month, seen_days,
        case when outcome = 'completed' then 1 else 0 end as has_event
    from {{ ref('customer_lifecycle', 'int_customer_stays') }}
),

int_survival_times as (
    select
        dimensions.brand, observed.event_name, observed.cohort_month,
        dimensions.acquisition_channel, dimensions.country_code, dimensions.segment,
        cast(observed.day_number as integer) as day_number,
        count(*) as customer_count, sum(observed.has_event) as event_count
    from observed
    inner join {{ ref('customer_lifecycle', 'int_customer_dimensions') }} as dimensions
        on observed.customer_key = dimensions.customer_key
    group by
        dimensions.brand, observed.event_name, observed.cohort_month,
        dimensions.acquisition_channel, dimensions.country_code, dimensions.segment, observed.day_number
)

select * from int_survival_times
