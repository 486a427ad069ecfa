-- One row per customer, first day of a stage period, and raw row that may have caused it, by rank: the rows whose window
-- opened or closed that day. A window that ran out is a cause only if the change of stage depends on its fact.
{{ config(materialized=incremental_or_table(), pre_hook='{{ delete_changed_customers() }}') }}
with

customers as (
    select lifespans.* from {{ ref('customer_lifecycle', 'int_customer_lifespans') }} as lifespans
    {{ join_current_build('lifespans') }}
),

events as (
    select events.* from {{ ref('customer_lifecycle', 'int_customer_events') }} as events
    {{ join_current_build('events') }}
),

spells as (
    select
        *, stage in ('dormant', 'engagement', 'discovery') as is_prospect,
        case
            when rule = 'inactive' then 'active' when previous_stage = 'reactivated' then 'won_back'
            when previous_stage = 'advocacy' then 'advocating' when rule in ('tenured', 'settled') then rule
            when previous_stage = 'loyalty' then 'bought_often'
            when rule = 'silent' then 'present' when rule = 'known' then 'engaged'
        end as decisive_fact
    from {{ ref('customer_lifecycle', 'int_customer_stage_periods') }}
),

time_outs as (
    select
        spells.customer_key, spells.valid_from, spells.decisive_fact, customers.subscription_grace_days,
        {{ add_days('spells.valid_from', '-(case decisive_fact
            when \'active\' then churn_after_days when \'won_back\' then reactivation_days
            when \'advocating\' then advocacy_window_days when \'tenured\' then loyalty_min_tenure_days
            when \'settled\' then conversion_days when \'bought_often\' then loyalty_window_days
            when \'present\' then dormant_after_days when \'engaged\' then engagement_window_days end)') }} as event_date
    from spells
    inner join customers on spells.customer_key = customers.customer_key
    where spells.decisive_fact is not null
),

links as (
    {% for date in ['linked_date', 'unlinked_date'] %}
    select
        merged_person_id, {{ date }} as changed_on, source_table, source_row,
        {{ 'true' if loop.last else 'false' }} as has_ended
    from {{ ref('customer_lifecycle', 'int_identity_links') }}
    where link_status = 'accepted' and {{ date }} < {{ end_of_time() }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

causes as (
    -- an id came or left that day, or the customer came back; customers further along a chain of later links are not listed
    -- for it
    select
        spells.customer_key, spells.valid_from, 1 as cause_rank, links.changed_on as event_date,
        links.source_table, links.source_row
    from links
    inner join {{ ref('customer_lifecycle', 'int_identity_map') }} as identity_map
        on
            links.merged_person_id = identity_map.person_id
            and links.changed_on in (
                identity_map.valid_from, case when links.has_ended then identity_map.known_until end
            )
    inner join customers on identity_map.customer_key = customers.customer_key
    inner join spells on identity_map.customer_key = spells.customer_key and links.changed_on = spells.valid_from
    union all
    -- reversed that day
    select spells.customer_key, spells.valid_from, 2, events.event_date, events.source_table, events.source_row
    from events
    inner join spells on events.customer_key = spells.customer_key and events.known_until = spells.valid_from
    union all
    -- happened, or came to count, that day
    select
        spells.customer_key, spells.valid_from,
        case events.event_kind when 'purchase' then 3 when 'advocacy' then 5 when 'engagement' then 6 else 7 end,
        events.event_date, events.source_table, events.source_row
    from events
    inner join spells on events.customer_key = spells.customer_key and events.known_from = spells.valid_from
    where
        events.event_kind in ('purchase', 'advocacy') or (spells.is_prospect and events.event_kind <> 'active_subscription')
    union all
    select time_outs.customer_key, time_outs.valid_from, 4, events.event_date, events.source_table, events.source_row
    from events
    inner join time_outs
        on
            events.customer_key = time_outs.customer_key
            and {{ add_days('events.subscribed_until', 'time_outs.subscription_grace_days') }} = time_outs.valid_from
            and events.known_from <= time_outs.valid_from and events.known_until >= time_outs.valid_from
    where
        events.event_kind = 'active_subscription' and time_outs.decisive_fact = 'active'
        and events.subscribed_until < {{ end_of_time() }}
    union all
    select time_outs.customer_key, time_outs.valid_from, 8, events.event_date, events.source_table, events.source_row
    from events
    inner join time_outs
        on
            events.customer_key = time_outs.customer_key and events.event_date = time_outs.event_date
            and events.known_from <= time_outs.valid_from and events.known_until >= time_outs.valid_from
    where
        (time_outs.decisive_fact = 'active' and events.event_kind = 'purchase' and events.source_table = 'orders')
        or (time_outs.decisive_fact in ('settled', 'bought_often') and events.event_kind = 'purchase')
        or (time_outs.decisive_fact in ('won_back', 'tenured') and events.event_kind in ('purchase', 'active_subscription'))
        or (time_outs.decisive_fact = 'engaged' and events.event_kind = 'engagement')
        or (time_outs.decisive_fact = 'advocating' and events.event_kind = 'advocacy')
        or (time_outs.decisive_fact = 'present' and events.event_kind in ('engagement', 'touchpoint'))
),

int_stage_period_causes as (
    select
        *, row_number() over (
            partition by customer_key, valid_from order by cause_rank asc, event_date desc, source_row asc, source_table asc
        ) as cause_number
    from causes
)

select * from int_stage_period_causes
