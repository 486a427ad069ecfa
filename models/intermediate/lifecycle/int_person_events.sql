-- One row per raw row, kind of fact it states about the id it stands under, before any two ids are one customer, and period
-- [known_from, known_until) in which it is known: a touchpoint, engagement, purchase, coverage or advocacy. In an increment
-- the rows of ids whose customers are computed, and no others. What it reads, int_customer_fingerprints reads too.
{{ config(materialized='view') }}
{% set everybody = computes_everybody() %}
with

as_of as (
    select as_of_date from {{ ref('stg_calendar__as_of_date') }}
),

purchases as (
    select purchases.* from {{ computed_rows('int_purchases', everybody) }} as purchases
),

advocacy as (
    select advocacy.* from {{ computed_rows('int_advocacy_events', everybody) }} as advocacy
),

int_person_events as (
    select
        person_id,
        event_kind,
        source_table,
        source_row,
        event_date,
        known_from,
        known_until,
        {{ end_of_time() }} as coverage_to
    from {{ ref('int_interest_events') }}

    union all

    select person_id, 'purchase', source_table, source_row, purchase_date, valid_from, valid_to, {{ end_of_time() }}
    from purchases

    union all

    -- the end of a paid period is known once it has come, or once its cancellation has
    select
        events.person_id, 'coverage', 'subscriptions', events.subscription_id,
        events.started_date, events.started_date as known_from,
        {{ known_until('events.deleted_date', 'as_of.as_of_date') }},
        coalesce(
            case
                when events.ended_date <= as_of.as_of_date or events.cancelled_date <= as_of.as_of_date
                    then events.ended_date
            end,
            {{ end_of_time() }}
        )
    from {{ computed_rows('stg_billing__subscriptions', everybody) }} as events
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
