-- One row per customer, day on which another id's history came over, fact and period [starts_on, ends_on) in which the fact
-- holds, both histories joined: the windows of step 2 once more, for the history known on that day, as if each event had
-- been known when it happened. A day on which a history leaves again, as a merge is undone, is such a day, too.
{{ config(materialized='view') }}
{% set version = 'customer_key, arrived_on' %}
{% set forever = end_of_time() %}
with

arrivals as (
    select distinct events.customer_key, events.known_from as arrived_on
    from {{ ref('customer_lifecycle', 'int_customer_state_intervals') }} as intervals
    inner join {{ ref('customer_lifecycle', 'int_customer_events') }} as events
        on
            intervals.customer_key = events.customer_key
            and intervals.valid_from <= events.known_from and intervals.valid_to > events.known_from
    where
        events.event_date < events.known_from
        -- what a visitor did before signing in changes nothing for a customer
        and (
            intervals.stage in ('dormant', 'engagement', 'discovery')
            or events.event_kind not in ('touchpoint', 'engagement')
        )
    {{ union_distinct() }}
    select intervals.customer_key, identity_map.known_until
    from {{ ref('customer_lifecycle', 'int_customer_state_intervals') }} as intervals
    inner join {{ ref('customer_lifecycle', 'int_identity_map') }} as identity_map
        on
            intervals.customer_key = identity_map.customer_key
            and intervals.valid_from <= identity_map.known_until and intervals.valid_to > identity_map.known_until
    where identity_map.known_until < {{ forever }}
),

events as (
    select
        arrivals.arrived_on, events.customer_key, events.event_kind, events.event_date, events.subscribed_until,
        {% for name in threshold_names() %}
        lifespans.{{ name }},
        {% endfor %}
        events.event_kind = 'active_subscription' or (events.event_kind = 'purchase' and events.source_table = 'orders')
            as is_activity
    from arrivals
    inner join {{ ref('customer_lifecycle', 'int_customer_events') }} as events
        on
            arrivals.customer_key = events.customer_key
            and arrivals.arrived_on >= events.known_from and arrivals.arrived_on < events.known_until
    inner join {{ ref('customer_lifecycle', 'int_customer_lifespans') }} as lifespans
        on arrivals.customer_key = lifespans.customer_key
),

purchase_dates as (
    select distinct {{ version }}, event_date, {{ threshold_names() | join(', ') }} from events
    where event_kind = 'purchase'
),

purchase_days as (
    select *, row_number() over (partition by {{ version }} order by event_date) as purchase_number from purchase_dates
),

activity as (
    select
        {{ version }}, event_date as starts_on, reactivation_days, loyalty_min_tenure_days,
        case
            when event_kind = 'purchase' then {{ add_days('event_date', 'churn_after_days') }}
            when subscribed_until = {{ forever }} then {{ forever }}
            else {{ add_days('subscribed_until', 'subscription_grace_days') }}
        end as ends_on
    from events
    where is_activity
),

{{ merged_windows(
    'merged_activity', windows='activity',
    keys=['customer_key', 'arrived_on', 'reactivation_days', 'loyalty_min_tenure_days']
) }},

episodes as (
    select *, row_number() over (partition by {{ version }} order by starts_on) as episode_number from merged_activity
    where starts_on < ends_on
),

int_arrival_windows as (
    {% for fact, starts_on, ends_on, rows, condition in [
        ('purchased', 'event_date', forever, 'purchase_days', 'purchase_number = 1'),
        ('settled', add_days('event_date', 'conversion_days'), forever, 'purchase_days', 'purchase_number = 1'),
        ('bought_again', 'event_date', forever, 'purchase_days', 'purchase_number = 2'),
        ('bought_recently', 'event_date', add_days('event_date', 'at_risk_after_days'), 'purchase_days', 'true'),
        ('subscribed', 'event_date', 'subscribed_until', 'events', "event_kind = 'active_subscription'"),
        ('advocating', 'event_date', add_days('event_date', 'advocacy_window_days'), 'events', "event_kind = 'advocacy'"),
        ('engaged', 'event_date', add_days('event_date', 'engagement_window_days'), 'events', "event_kind = 'engagement'"),
        ('present', 'event_date', add_days('event_date', 'dormant_after_days'), 'events',
            "event_kind in ('touchpoint', 'engagement')"),
        ('active', 'starts_on', 'ends_on', 'episodes', 'true'),
        ('won_back', 'starts_on', 'least(ends_on, ' ~ add_days('starts_on', 'reactivation_days') ~ ')', 'episodes',
            'episode_number > 1'),
        ('tenured', add_days('starts_on', 'loyalty_min_tenure_days'), 'ends_on', 'episodes', 'true'),
    ] %}
    select {{ version }}, '{{ fact }}' as fact, {{ starts_on }} as starts_on, {{ ends_on }} as ends_on from {{ rows }}
    where {{ condition }}

    union all

    {% endfor %}
    select
        latest.customer_key, latest.arrived_on, 'bought_often', latest.event_date,
        {{ add_days('earliest.event_date', 'earliest.loyalty_window_days') }}
    from purchase_days as latest
    inner join purchase_days as earliest
        on
            latest.customer_key = earliest.customer_key and latest.arrived_on = earliest.arrived_on
            and earliest.purchase_number = latest.purchase_number - latest.loyalty_min_purchase_dates + 1
)

select * from int_arrival_windows
where starts_on < ends_on and starts_on <= arrived_on
