-- One row per raw row that shows interest, under the id it stands under, and period [known_from, known_until) in which it is
-- known: touchpoints and engagements by the class of their type; carts, trials, answers, reviews and orders are engagements.
{{ config(materialized='view') }}
{% set everybody = computes_everybody() %}
{% set known_until_deleted = known_until('events.deleted_date', 'as_of.as_of_date') %}
with

as_of as (
    select as_of_date from {{ ref('stg_calendar__as_of_date') }}
),

event_types as (
    select * from {{ ref('event_types') }}
),

permanent_orders as (
    -- whoever placed one stays a customer, so that what else it says about interest can never show
    select purchases.brand, purchases.source_row as order_id
    from {{ computed_rows('int_purchases', everybody) }} as purchases
    where
        purchases.source_table = 'orders'
        and purchases.valid_from = purchases.purchase_date
        and purchases.valid_to = {{ end_of_time() }}
),

int_interest_events as (
    {% for model, key, type in [
        ('stg_marketing__touchpoints', 'touchpoint_id', 'touch_type'),
        ('stg_marketing__engagements', 'engagement_id', 'engagement_type'),
    ] %}
    {% set table = model.split('__')[1] %}
    select
        events.person_id,
        coalesce(event_types.event_class, 'touchpoint') as event_kind,
        '{{ table }}' as source_table,
        events.{{ key }} as source_row,
        events.occurred_date as event_date,
        events.occurred_date as known_from,
        {{ known_until_deleted }} as known_until
    from {{ computed_rows(model, everybody) }} as events
    cross join as_of
    left join event_types on event_types.source_table = '{{ table }}' and events.{{ type }} = event_types.event_type
    {{ join_shared_ids('events', 'occurred_date') }}
    where
        events.person_id is not null
        and coalesce(event_types.event_class, 'touchpoint') <> 'none'
        and (shared_ids.person_id is null or (events.anonymous_id is not null and events.email is not null))

    union all
    {% endfor %}

    {% for model, key, date in [
        ('stg_shop__carts', 'cart_id', 'created_date'),
        ('stg_billing__subscriptions', 'subscription_id', 'trial_started_date'),
        ('stg_feedback__survey_responses', 'response_id', 'responded_date'),
        ('stg_feedback__reviews', 'review_id', 'published_date'),
    ] %}
    select
        events.person_id, 'engagement', '{{ model.split('__')[1] }}', events.{{ key }},
        events.{{ date }}, case when events.{{ date }} <= as_of.as_of_date then events.{{ date }} end as known_from,
        {{ known_until_deleted }}
    from {{ computed_rows(model, everybody) }} as events
    cross join as_of
    {{ join_shared_ids('events', date) }}
    where
        events.person_id is not null
        and shared_ids.person_id is null

    union all
    {% endfor %}

    select
        events.person_id, 'engagement', 'orders', events.order_id,
        events.ordered_date, events.ordered_date as known_from, {{ known_until_deleted }}
    from {{ computed_rows('stg_shop__orders', everybody) }} as events
    cross join as_of
    left join permanent_orders
        on events.brand = permanent_orders.brand and events.order_id = permanent_orders.order_id
    {{ join_shared_ids('events', 'ordered_date') }}
    where
        events.person_id is not null
        and events.is_engagement
        and permanent_orders.order_id is null
        and shared_ids.person_id is null
)

select * from int_interest_events
where known_from < known_until
