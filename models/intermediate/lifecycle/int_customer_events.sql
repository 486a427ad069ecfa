-- Step 1. One row per customer, fact and period [known_from, known_until) in which the fact is in the customer's history.
-- What is stated under an id that another customer absorbs reaches that customer on the link's date.
{{ config(materialized=incremental_or_table(), pre_hook='{{ delete_changed_customers() }}') }}
-- what was published is saved before it is forgotten
-- depends_on: {{ ref('customer_lifecycle', 'int_published_stage_periods') }}
-- depends_on: {{ ref('customer_lifecycle', 'int_published_facts') }}
with

events as (
    select * from {{ ref('customer_lifecycle', 'int_person_events') }}
),

identity_map as (
    select identity_map.*
    from {{ ref('customer_lifecycle', 'int_identity_map') }} as identity_map
    {% if is_incremental() -%}
    inner join {{ ref('customer_lifecycle', 'int_changed_customers') }} as computed
        on identity_map.customer_key = computed.customer_key
    {%- endif %}
),

int_customer_events as (
    select
        identity_map.customer_key,
        events.event_kind,
        events.source_table,
        events.source_row,
        events.event_date,
        greatest(events.known_from, identity_map.valid_from) as known_from,
        least(events.known_until, identity_map.known_until) as known_until,
        events.subscribed_until,
        current_build.build_number as computed_in_build
    from events
    inner join identity_map on events.person_id = identity_map.person_id
    cross join {{ ref('customer_lifecycle', 'int_current_build') }} as current_build
    where
        greatest(events.known_from, identity_map.valid_from) < events.known_until
        and greatest(events.known_from, identity_map.valid_from) < identity_map.valid_to
)

select * from int_customer_events
