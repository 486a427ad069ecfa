-- Step 1 for everybody. One row per customer, fact and period [known_from, known_until) in which the fact is in the
-- customer's history. What is stated under an id that another customer absorbs reaches that customer on the link's date.
{{ config(materialized='view') }}
with

events as (
    select * from {{ ref('int_person_events') }}
),

memberships as (
    select * from {{ ref('int_identity_memberships') }}
),

int_customer_histories as (
    select
        memberships.customer_key,
        events.event_kind,
        events.source_table,
        events.source_row,
        events.event_date,
        greatest(events.known_from, memberships.valid_from) as known_from,
        events.known_until,
        events.coverage_to
    from events
    inner join memberships on events.person_id = memberships.person_id
    where
        greatest(events.known_from, memberships.valid_from) < events.known_until
        and greatest(events.known_from, memberships.valid_from) < memberships.valid_to
)

select * from int_customer_histories
