-- One row per customer with rows or links: a number that changes whenever anything changes that its stages are computed
-- from, as the raw data are now. It sums up what int_person_events reads under each id, not what it makes of it: so much can
-- be read without a join. Only increments read it; a test holds the two models to the same columns.
{{ config(materialized='view') }}
{% set known_until_deleted = known_until('deleted_date', 'as_of.as_of_date') %}
{% set has_both_ids = '(anonymous_id is not null and email is not null)' %}
with

as_of as (
    select as_of_date from {{ ref('stg_calendar__as_of_date') }}
),

links as (
    select *, absorbed_person_id as person_id from {{ ref('int_identity_links') }}
    where link_status = 'accepted'
),

person_rows as (
    {% for rows, columns in [
        (ref('stg_marketing__touchpoints'), [
            'touchpoint_id', 'occurred_date', 'touch_type', has_both_ids, known_until_deleted,
        ]),
        (ref('stg_marketing__engagements'), [
            'engagement_id', 'occurred_date', 'engagement_type', has_both_ids, known_until_deleted,
        ]),
        (ref('stg_shop__carts'), ['cart_id', known_until('created_date', 'as_of.as_of_date'), known_until_deleted]),
        (ref('stg_shop__orders'), ['order_id', 'ordered_date', 'is_engagement', known_until_deleted]),
        (ref('stg_billing__subscriptions'), [
            'subscription_id',
            known_until('trial_started_date', 'as_of.as_of_date'),
            known_until('started_date', 'as_of.as_of_date'),
            'case when ended_date <= as_of.as_of_date or cancelled_date <= as_of.as_of_date then ended_date end',
            known_until_deleted,
        ]),
        (ref('stg_feedback__survey_responses'), [
            'response_id', known_until('responded_date', 'as_of.as_of_date'), known_until_deleted,
        ]),
        (ref('stg_feedback__reviews'), [
            'review_id', known_until('published_date', 'as_of.as_of_date'), known_until_deleted,
        ]),
        (ref('int_purchases'), ['source_table', 'source_row', 'purchase_date', 'valid_from', 'valid_to']),
        (ref('int_advocacy_events'), [
            'source_table', 'source_row', 'event_date', 'known_from', 'known_until', 'stated_until',
        ]),
        (ref('int_identity_shared_ids'), ['shared_from_date']),
        ('links', ['survivor_person_id', 'linked_date', 'source_table', 'source_row']),
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

memberships as (
    select customer_key, valid_from, valid_to, {{ row_fingerprint(['person_id']) }} as person_fingerprint
    from {{ ref('int_identity_memberships') }}
),

facts as (
    select
        memberships.customer_key,
        {{ row_fingerprint([
            'memberships.person_fingerprint', 'memberships.valid_from', 'memberships.valid_to', 'persons.fingerprint',
        ]) }} as fingerprint
    from memberships
    inner join persons on memberships.person_fingerprint = persons.person_fingerprint
),

histories as (
    select customer_key, {{ row_fingerprint(['sum(fingerprint)']) }} as fingerprint from facts
    group by customer_key
),

event_types as (
    select sum({{ row_fingerprint(['source_table', 'event_type', 'event_class']) }}) as fingerprint
    from {{ ref('event_types') }}
),

thresholds as (
    select segment, {{ row_fingerprint(['segment'] + threshold_names()) }} as fingerprint
    from {{ ref('lifecycle_thresholds') }}
),

int_customer_fingerprints as (
    select
        histories.customer_key,
        {{ row_fingerprint(['histories.fingerprint', 'event_types.fingerprint']) }} as input_fingerprint,
        thresholds.fingerprint as threshold_fingerprint
    from histories
    inner join {{ ref('int_customers') }} as customers on histories.customer_key = customers.customer_key
    inner join thresholds on customers.threshold_segment = thresholds.segment
    cross join event_types
)

select * from int_customer_fingerprints
