-- One row per customer, day on which a stay begins, and raw row that may have caused it: the rows whose window opened or
-- closed that day, in the order in which they are blamed. A window that ran out is blamed only if its fact is the one that
-- the change of stage depends on.
{{ config(
    materialized=incremental_or_table(), incremental_strategy=append_strategy(), pre_hook='{{ forget_changed_customers() }}',
) }}
with

customers as (
    select * from {{ ref('int_computed_customers') }}
),

events as (
    select events.*
    from {{ ref('int_customer_events') }} as events
    {{ join_current_build('events') }}
),

stays as (
    select
        *,
        stage in ('dormant', 'engagement', 'discovery') as is_prospect,
        case
            when rule = 'inactive' then 'active'
            when previous_stage = 'reactivated' then 'won_back'
            when previous_stage = 'advocacy' then 'advocating'
            when rule in ('tenured', 'settled') then rule
            when previous_stage = 'loyalty' then 'bought_often'
            when rule = 'silent' then 'present'
            when rule = 'known' then 'engaged'
        end as decisive_fact
    from {{ ref('int_customer_stay_periods') }}
),

time_outs as (
    select
        stays.customer_key,
        stays.valid_from,
        stays.decisive_fact,
        customers.subscription_grace_days,
        {{ add_days('stays.valid_from', '-(case decisive_fact
            when \'active\' then churn_after_days
            when \'won_back\' then reactivation_days
            when \'advocating\' then advocacy_window_days
            when \'tenured\' then loyalty_min_tenure_days
            when \'settled\' then conversion_days
            when \'bought_often\' then loyalty_window_days
            when \'present\' then dormant_after_days
            when \'engaged\' then engagement_window_days
        end)') }} as event_date
    from stays
    inner join customers on stays.customer_key = customers.customer_key
    where stays.decisive_fact is not null
),

takeovers as (
    select * from {{ ref('int_identity_takeovers') }}
),

causes as (
    select
        stays.customer_key, stays.valid_from, 1 as blame_order,
        takeovers.linked_date as event_date, takeovers.source_table, takeovers.source_row
    from takeovers
    inner join customers on takeovers.customer_key = customers.customer_key
    inner join stays on takeovers.customer_key = stays.customer_key and takeovers.linked_date = stays.valid_from

    union all

    -- taken back that day
    select stays.customer_key, stays.valid_from, 2, events.event_date, events.source_table, events.source_row
    from events
    inner join stays on events.customer_key = stays.customer_key and events.known_until = stays.valid_from

    union all

    -- happened, or came to count, that day
    select
        stays.customer_key, stays.valid_from,
        case events.event_kind when 'purchase' then 3 when 'advocacy' then 5 when 'engagement' then 6 else 7 end,
        events.event_date, events.source_table, events.source_row
    from events
    inner join stays on events.customer_key = stays.customer_key and events.known_from = stays.valid_from
    where events.event_kind in ('purchase', 'advocacy') or (events.event_kind <> 'coverage' and stays.is_prospect)

    union all

    select time_outs.customer_key, time_outs.valid_from, 4, events.event_date, events.source_table, events.source_row
    from events
    inner join time_outs
        on
            events.customer_key = time_outs.customer_key
            and {{ add_days('events.coverage_to', 'time_outs.subscription_grace_days') }} = time_outs.valid_from
            and events.known_from <= time_outs.valid_from
            and events.known_until >= time_outs.valid_from
    where events.event_kind = 'coverage' and events.coverage_to < {{ end_of_time() }} and time_outs.decisive_fact = 'active'

    union all

    select time_outs.customer_key, time_outs.valid_from, 8, events.event_date, events.source_table, events.source_row
    from events
    inner join time_outs
        on
            events.customer_key = time_outs.customer_key
            and events.event_date = time_outs.event_date
            and events.known_from <= time_outs.valid_from
            and events.known_until >= time_outs.valid_from
    where
        (time_outs.decisive_fact = 'active' and events.event_kind = 'purchase' and events.source_table = 'orders')
        or (time_outs.decisive_fact in ('settled', 'bought_often') and events.event_kind = 'purchase')
        or (time_outs.decisive_fact in ('won_back', 'tenured') and events.event_kind in ('purchase', 'coverage'))
        or (time_outs.decisive_fact = 'advocating' and events.event_kind = 'advocacy')
        or (time_outs.decisive_fact = 'engaged' and events.event_kind = 'engagement')
        or (time_outs.decisive_fact = 'present' and events.event_kind in ('engagement', 'touchpoint'))
),

int_stay_causes as (
    select
        causes.*,
        row_number() over (
            partition by causes.customer_key, causes.valid_from
            order by causes.blame_order asc, causes.event_date desc, causes.source_row asc, causes.source_table asc
        ) as cause_number
    from causes
)

select * from int_stay_causes
