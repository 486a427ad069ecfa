-- One row per raw row, kind of fact it states about the id it stands under, before any two ids are one customer, and period
-- [known_from, known_until) in which it is known: a touchpoint, engagement, purchase, coverage or advocacy. In an increment
-- the rows of ids whose customers are computed, and no others. What it reads, int_customer_fingerprints reads too.
{{ config(materialized='view') }}
{% set is_full_refresh = computes_all_customers() %}
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

purchases as (
    select purchases.* from {{ computed_rows('int_purchases', is_full_refresh) }} as purchases
),

permanent_orders as (
    -- the buyer stays a customer, so that the interest that the order shows can never change a stage
    select brand, source_table, source_row from purchases
    where source_table = 'orders' and valid_from = purchase_date and valid_to = {{ end_of_time() }}
),

advocacy as (
    select advocacy.* from {{ computed_rows('int_advocacy_events', is_full_refresh) }} as advocacy
),

interest as (
    select
        events.person_id, coalesce(event_types.event_class, events.event_class) as event_kind,
        events.source_table, events.source_row, events.event_date,
        case when events.event_date <= as_of.as_of_date then events.event_date end as known_from,
        {{ known_until('events.deleted_date', 'as_of.as_of_date') }} as known_until
    from {{ computed_rows('int_observed_events', is_full_refresh) }} as events
    cross join as_of
    left join {{ seed('event_types') }} as event_types
        on events.source_table = event_types.source_table and events.event_type = event_types.event_type
    left join permanent_orders
        on
            events.brand = permanent_orders.brand and events.source_table = permanent_orders.source_table
            and events.source_row = permanent_orders.source_row
    {{ join_shared_ids('events', 'event_date') }}
    where
        events.event_class <> 'none' and coalesce(event_types.event_class, events.event_class) <> 'none'
        and permanent_orders.source_row is null and (shared_ids.person_id is null or events.has_two_ids)
),

int_person_events as (
    select
        person_id, event_kind, source_table, source_row, event_date, known_from, known_until,
        {{ end_of_time() }} as subscribed_until
    from interest

    union all

    select person_id, 'purchase', source_table, source_row, purchase_date, valid_from, valid_to, {{ end_of_time() }}
    from purchases

    union all

    -- the end of a paid period is known once it has come, or once its cancellation has
    select
        events.person_id, 'active_subscription', 'subscriptions', events.subscription_id,
        events.started_date, events.started_date as known_from,
        {{ known_until('events.deleted_date', 'as_of.as_of_date') }},
        coalesce(case
            when events.ended_date <= as_of.as_of_date or events.cancelled_date <= as_of.as_of_date then events.ended_date
        end, {{ end_of_time() }})
    from {{ computed_rows('stg_billing__subscriptions', is_full_refresh) }} as events
    cross join as_of
    where events.started_date <= as_of.as_of_date

    union all

    select person_id, 'advocacy', source_table, source_row, event_date, known_from, known_until, {{ end_of_time() }}
    from advocacy

    union all

    -- recommending is interest, whatever is taken back later; any review is one already
    select person_id, 'engagement', source_table, source_row, event_date, known_from, stated_until, {{ end_of_time() }}
    from advocacy
    where source_table <> 'reviews'
)

select * from int_person_events
where known_from < known_until
