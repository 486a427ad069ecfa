-- One row per customer with rows or links: a number that changes whenever anything changes that its stages are computed
-- from, as the raw data are now. It sums up what int_person_events reads under each id, not what it makes of it: so much can
-- be read without a join. Only increments read it; a test holds the two models to the same columns.
{{ config(materialized='view') }}
{{ check_thresholds(ref('customer_lifecycle', 'int_customers')) }}
{% set known_until_deleted = known_until('deleted_date', 'as_of.as_of_date') %}
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

observed_events as (
    select * from {{ ref('customer_lifecycle', 'int_observed_events') }}
    where event_class <> 'none'
),

links as (
    select *, merged_person_id as person_id from {{ ref('customer_lifecycle', 'int_identity_links') }}
    where link_status = 'accepted'
),

person_rows as (
    {% for rows, columns in [
        ('observed_events', [
            'source_table', 'source_row', 'event_type', 'event_class', 'has_two_ids',
            'case when event_date <= as_of.as_of_date then event_date end', known_until_deleted,
        ]),
        (ref('customer_lifecycle', 'stg_billing__subscriptions'), [
            'subscription_id',
            known_until('started_date', 'as_of.as_of_date'),
            'case when ended_date <= as_of.as_of_date or cancelled_date <= as_of.as_of_date then ended_date end',
            known_until_deleted,
        ]),
        (ref('customer_lifecycle', 'int_purchases'), [
            'source_table', 'source_row', 'purchase_date', 'valid_from', 'valid_to',
        ]),
        (ref('customer_lifecycle', 'int_advocacy_events'), [
            'source_table', 'source_row', 'event_date', 'known_from', 'known_until', 'stated_until',
        ]),
        (ref('customer_lifecycle', 'int_identity_shared_ids'), ['shared_from_date']),
        ('links', ['canonical_person_id', 'linked_date', 'unlinked_date', 'source_table', 'source_row']),
    ] %}
    select
        {{ row_fingerprint(['stated.person_id']) }} as person_fingerprint,
        {{ row_fingerprint([loop.index | string] + columns) }} as fingerprint
    from {{ rows }} as stated
    cross join as_of
    where stated.person_id is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

persons as (
    select person_fingerprint, {{ row_fingerprint(['sum(fingerprint)']) }} as fingerprint from person_rows
    group by person_fingerprint
),

identity_map as (
    select customer_key, valid_from, valid_to, {{ row_fingerprint(['person_id']) }} as person_fingerprint
    from {{ ref('customer_lifecycle', 'int_identity_map') }}
),

facts as (
    select
        identity_map.customer_key,
        {{ row_fingerprint([
            'identity_map.person_fingerprint', 'identity_map.valid_from', 'identity_map.valid_to', 'persons.fingerprint',
        ]) }} as fingerprint
    from identity_map
    inner join persons on identity_map.person_fingerprint = persons.person_fingerprint
),

histories as (
    select customer_key, {{ row_fingerprint(['sum(fingerprint)']) }} as fingerprint from facts
    group by customer_key
),

event_types as (
    select sum({{ row_fingerprint(['source_table', 'event_type', 'event_class']) }}) as fingerprint
    from {{ seed('event_types') }}
),

thresholds as (
    select segment, {{ row_fingerprint(['segment'] + threshold_names()) }} as fingerprint
    from {{ seed('lifecycle_thresholds') }}
),

int_customer_fingerprints as (
    select
        histories.customer_key,
        {{ row_fingerprint(['histories.fingerprint', 'event_types.fingerprint']) }} as input_fingerprint,
        thresholds.fingerprint as threshold_fingerprint
    from histories
    inner join {{ ref('customer_lifecycle', 'int_customers') }} as customers
        on histories.customer_key = customers.customer_key
    inner join thresholds on customers.threshold_segment = thresholds.segment
    cross join event_types
)

select * from int_customer_fingerprints
