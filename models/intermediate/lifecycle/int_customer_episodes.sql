-- Step 3. One row per customer, version of its history and episode of unbroken activity [starts_on, ends_on).
-- A history has one version, unless purchases or coverage are reversed or learnt late through a link: then each such day
-- begins a version, in which activity is looked at again from the start, by event date; the episodes of a version hold
-- on the days [version_from, version_to).
{{ config(materialized=incremental_or_table(), pre_hook='{{ delete_changed_customers() }}') }}
with

activity_events as (
    select events.*
    from {{ ref('customer_lifecycle', 'int_customer_events') }} as events
    {{ join_current_build('events') }}
    where
        events.event_kind in ('purchase', 'active_subscription')
        and not (events.event_kind = 'purchase' and events.source_table = 'subscriptions')
),

customers as (
    select changed.customer_key, thresholds.churn_after_days, thresholds.subscription_grace_days
    from {{ ref('customer_lifecycle', 'int_changed_customers') }} as changed
    inner join {{ seed('lifecycle_thresholds') }} as thresholds on changed.threshold_segment = thresholds.segment
),

change_days as (
    select customer_key, {{ beginning_of_time() }} as version_from from customers
    {{ union_distinct() }}
    select customer_key, known_from from activity_events
    where known_from > event_date
    {{ union_distinct() }}
    select customer_key, known_until from activity_events
    where known_until < {{ end_of_time() }}
),

versions as (
    select
        change_days.customer_key,
        change_days.version_from,
        coalesce(
            lead(change_days.version_from) over (partition by change_days.customer_key order by change_days.version_from),
            {{ end_of_time() }}
        ) as version_to
    from change_days
),

periods as (
    select
        versions.customer_key,
        versions.version_from,
        versions.version_to,
        activity_events.event_date as starts_on,
        case
            when activity_events.event_kind = 'purchase'
                then {{ add_days('activity_events.event_date', 'customers.churn_after_days') }}
            when activity_events.subscribed_until = {{ end_of_time() }} then {{ end_of_time() }}
            else {{ add_days('activity_events.subscribed_until', 'customers.subscription_grace_days') }}
        end as ends_on
    from activity_events
    inner join customers on activity_events.customer_key = customers.customer_key
    inner join versions
        on
            activity_events.customer_key = versions.customer_key
            and activity_events.known_from < versions.version_to
            and activity_events.known_until > versions.version_from
),

lasting_periods as (
    select * from periods
    where starts_on < ends_on
),

{{ merged_windows('episodes', windows='lasting_periods', keys=['customer_key', 'version_from', 'version_to']) }},

int_customer_episodes as (
    select
        customer_key,
        version_from,
        version_to,
        starts_on,
        ends_on,
        row_number() over (partition by customer_key, version_from order by starts_on) as episode_number
    from episodes
)

select * from int_customer_episodes
