-- Step 1. One row per customer, fact and period [known_from, known_until) in which the fact is in the customer's history.
-- What is stated under an id that another customer absorbs reaches that customer on the link's date.
{{ config(
    materialized=incremental_or_table(),
    incremental_strategy=append_strategy(),
    on_schema_change='append_new_columns',
    pre_hook='{{ forget_changed_customers() }}',
) }}
-- what was published is saved before it is forgotten
-- depends_on: {{ ref('int_published_stays') }}
-- depends_on: {{ ref('int_published_facts') }}
with

events as (
    select * from {{ ref('int_person_events') }}
),

memberships as (
    select memberships.*
    from {{ ref('int_identity_memberships') }} as memberships
    {% if is_incremental() -%}
    inner join {{ ref('int_customers_to_compute') }} as computed on memberships.customer_key = computed.customer_key
    {%- endif %}
),

int_customer_events as (
    select
        memberships.customer_key,
        events.event_kind,
        events.source_table,
        events.source_row,
        events.event_date,
        greatest(events.known_from, memberships.valid_from) as known_from,
        events.known_until,
        events.coverage_to,
        current_build.build_number as computed_in_build
    from events
    inner join memberships on events.person_id = memberships.person_id
    cross join {{ ref('int_current_build') }} as current_build
    where
        greatest(events.known_from, memberships.valid_from) < events.known_until
        and greatest(events.known_from, memberships.valid_from) < memberships.valid_to
)

select * from int_customer_events
