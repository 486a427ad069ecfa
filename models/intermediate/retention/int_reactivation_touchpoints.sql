-- One row per win-back that a touchpoint came before: the last one before the purchase or subscription that began it,
-- whatever the id of the customer it stands under.
with

reactivations as (
    select * from {{ ref('customer_lifecycle', 'int_customer_reactivations') }}
),

events as (
    select * from {{ ref('customer_lifecycle', 'int_customer_events') }}
    where known_until = {{ end_of_time() }}
),

starts as (
    select
        reactivations.customer_key,
        reactivations.reactivated_date,
        min(orders.ordered_at) as reactivated_at
    from reactivations
    inner join events
        on reactivations.customer_key = events.customer_key and reactivations.reactivated_date = events.event_date
    inner join {{ ref('customer_lifecycle', 'stg_shop__orders') }} as orders
        on reactivations.brand = orders.brand and events.source_row = orders.order_id
    where events.event_kind = 'purchase' and events.source_table = 'orders'
    group by reactivations.customer_key, reactivations.reactivated_date

    union all

    select
        reactivations.customer_key,
        reactivations.reactivated_date,
        min(subscriptions.started_at) as reactivated_at
    from reactivations
    inner join events
        on reactivations.customer_key = events.customer_key and reactivations.reactivated_date = events.event_date
    inner join {{ ref('customer_lifecycle', 'stg_billing__subscriptions') }} as subscriptions
        on reactivations.brand = subscriptions.brand and events.source_row = subscriptions.subscription_id
    where events.event_kind = 'active_subscription'
    group by reactivations.customer_key, reactivations.reactivated_date
),

first_starts as (
    select customer_key, reactivated_date, min(reactivated_at) as reactivated_at from starts
    group by customer_key, reactivated_date
),

touchpoints as (
    select
        reactivations.customer_key,
        reactivations.reactivated_date,
        touchpoints.touchpoint_id,
        touchpoints.campaign_id,
        row_number() over (
            partition by reactivations.customer_key, reactivations.reactivated_date
            order by touchpoints.occurred_at desc, touchpoints.touchpoint_id asc
        ) as choice_number
    from reactivations
    inner join first_starts
        on
            reactivations.customer_key = first_starts.customer_key
            and reactivations.reactivated_date = first_starts.reactivated_date
    inner join events
        on reactivations.customer_key = events.customer_key and reactivations.reactivated_date >= events.event_date
    inner join {{ ref('customer_lifecycle', 'stg_marketing__touchpoints') }} as touchpoints
        on reactivations.brand = touchpoints.brand and events.source_row = touchpoints.touchpoint_id
    where
        events.source_table = 'touchpoints'
        and touchpoints.occurred_at < first_starts.reactivated_at
),

int_reactivation_touchpoints as (
    select
        customer_key,
        reactivated_date,
        touchpoint_id,
        campaign_id
    from touchpoints
    where choice_number = 1
)

select * from int_reactivation_touchpoints
