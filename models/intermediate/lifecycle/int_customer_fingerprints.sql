-- One row per customer with events: a number that changes whenever anything changes that its stages are computed from.
with

events as (
    select
        memberships.customer_key,
        {{ row_fingerprint([
            'events.event_kind', 'events.source_table', 'events.source_row', 'events.event_date', 'events.known_from',
            'events.known_until', 'events.coverage_to', 'memberships.valid_from', 'memberships.valid_to',
        ]) }} as fingerprint
    from {{ ref('int_person_events') }} as events
    inner join {{ ref('int_identity_memberships') }} as memberships on events.person_id = memberships.person_id
),

takeovers as (
    select
        customer_key,
        {{ row_fingerprint(['absorbed_person_id', 'linked_date', 'source_table', 'source_row']) }} as fingerprint
    from {{ ref('int_identity_takeovers') }}
),

facts as (
    select customer_key, fingerprint from events
    union all
    select customer_key, fingerprint from takeovers
),

histories as (
    select customer_key, sum(fingerprint) as fingerprint, count(*) as fact_count
    from facts
    group by customer_key
),

thresholds as (
    select
        segment,
        {{ row_fingerprint(['segment'] + threshold_names()) }} as fingerprint
    from {{ ref('lifecycle_thresholds') }}
),

int_customer_fingerprints as (
    select
        customers.customer_key,
        customers.customer_id,
        histories.fact_count,
        cast(histories.fingerprint as {{ text_type() }}) as history_fingerprint,
        cast(thresholds.fingerprint as {{ text_type() }}) as thresholds_fingerprint
    from histories
    inner join {{ ref('int_customers') }} as customers on histories.customer_key = customers.customer_key
    inner join thresholds on customers.threshold_segment = thresholds.segment
)

select * from int_customer_fingerprints
