-- Step 2. One row per customer, fact and period [starts_on, ends_on) in which the fact holds because of one event: the
-- event's window, cut to the days on which the event is known. Only steps 2 to 5 read thresholds.
-- Facts: purchased, settled (a purchase at least conversion_days old), bought_recently (within at_risk_after_days), covered,
-- advocating, engaged, present (any event within dormant_after_days); and, from the episodes of step 3, active, won_back
-- (a later episode than the first, in its first reactivation_days) and tenured (loyalty_min_tenure_days on).
{{ config(materialized='view') }}
with

events as (
    select events.* from {{ ref('customer_lifecycle', 'int_customer_events') }} as events
    {{ join_current_build('events') }}
),

customers as (
    select lifespans.* from {{ ref('customer_lifecycle', 'int_customer_lifespans') }} as lifespans
    {{ join_current_build('lifespans') }}
),

purchase_days as (
    select
        purchase_days.customer_key, purchase_days.valid_from, purchase_days.valid_to,
        {{ add_days('purchase_days.purchase_date', 'customers.conversion_days') }} as settled_from,
        {{ add_days('purchase_days.purchase_date', 'customers.at_risk_after_days') }} as recent_to,
        -- in a history that is never revised the first purchase stays the first
        customers.is_revised or purchase_days.purchase_number = 1 as may_be_first
    from {{ ref('customer_lifecycle', 'int_customer_purchase_days') }} as purchase_days
    inner join customers on purchase_days.customer_key = customers.customer_key
),

interest as (
    select
        events.customer_key, events.event_kind, events.known_from as starts_on,
        least(events.known_until, {{ add_days('events.event_date', 'customers.engagement_window_days') }}) as engaged_to,
        least(events.known_until, {{ add_days('events.event_date', 'customers.dormant_after_days') }}) as present_to
    from events
    inner join customers on events.customer_key = customers.customer_key
    where
        events.event_kind in ('touchpoint', 'engagement')
        and events.known_from < customers.customer_for_good_date
),

episodes as (
    select
        episodes.customer_key, episodes.episode_number,
        greatest(episodes.starts_on, episodes.version_from) as starts_on,
        least(episodes.ends_on, episodes.version_to) as ends_on,
        {{ add_days('episodes.starts_on', 'customers.reactivation_days') }} as won_back_to,
        {{ add_days('episodes.starts_on', 'customers.loyalty_min_tenure_days') }} as tenured_from
    from {{ ref('customer_lifecycle', 'int_customer_episodes') }} as episodes
    inner join customers on episodes.customer_key = customers.customer_key
),

int_customer_windows as (
    select customer_key, 'purchased' as fact, valid_from as starts_on, valid_to as ends_on from purchase_days
    where may_be_first

    union all

    select customer_key, 'settled', greatest(valid_from, settled_from), valid_to from purchase_days
    where may_be_first

    union all

    select customer_key, 'bought_recently', valid_from, least(valid_to, recent_to) from purchase_days

    union all

    select customer_key, 'active', starts_on, ends_on from episodes

    union all

    select customer_key, 'won_back', starts_on, least(ends_on, won_back_to) from episodes
    where episode_number > 1

    union all

    select customer_key, 'tenured', greatest(starts_on, tenured_from), ends_on from episodes

    union all

    select customer_key, 'subscribed', known_from, least(known_until, subscribed_until) from events
    where event_kind = 'active_subscription'

    union all

    select
        events.customer_key, 'advocating', events.known_from,
        least(events.known_until, {{ add_days('events.event_date', 'customers.advocacy_window_days') }})
    from events
    inner join customers on events.customer_key = customers.customer_key
    where events.event_kind = 'advocacy'

    union all

    select customer_key, 'engaged', starts_on, engaged_to from interest
    where event_kind = 'engagement'

    union all

    select customer_key, 'present', starts_on, present_to from interest
)

select * from int_customer_windows
where starts_on < ends_on
