-- One row per cart that still counts at the as-of date, with when it was last touched and what has become of it: ordered in
-- time, abandoned, recovered. A cart and an order belong together by id. A cart without such an order belongs to the next
-- order of the same person, all ids joined, on any device. A cart worth nothing is empty and does not count.
{% set zones = business_time_zones() %}
{% set hour = 3600 %}
-- shops write a cart when its order is done
{% set written_after_order = 600 %}
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

carts as (
    -- an update after the as-of date is not known yet; one before the cart was made says nothing
    select
        carts.brand, carts.cart_id, carts.order_id, carts.person_id, identity_map.customer_key,
        coalesce(carts.last_step, 'unknown') as last_step,
        cast(round(carts.value_amount * carts.reporting_rate, 2) as decimal(18, 2)) as value_amount,
        carts.updated_at is not null and carts.updated_at > carts.created_at and carts.updated_date <= as_of.as_of_date
            as is_updated,
        carts.created_at, carts.created_date, carts.updated_at, carts.updated_date,
        {{ business_midnight(add_days('as_of.as_of_date', 1), 'carts.brand', zones) }} as known_before
    from {{ ref('customer_lifecycle', 'stg_shop__carts') }} as carts
    cross join as_of
    {{ join_shared_ids('carts', 'created_date') }}
    left join {{ ref('customer_lifecycle', 'int_identity_map') }} as identity_map
        on
            carts.person_id = identity_map.person_id and identity_map.valid_to = {{ end_of_time() }}
            and shared_ids.person_id is null
    where {{ known_until('carts.deleted_date', 'as_of.as_of_date') }} = {{ end_of_time() }}
),

placed_orders as (
    -- an order that was never a purchase leaves the cart behind, one cancelled later does not
    select orders.brand, orders.order_id, orders.cart_id, orders.ordered_at, revenues.customer_key
    from {{ ref('customer_lifecycle', 'stg_shop__orders') }} as orders
    inner join {{ ref('customer_lifecycle', 'int_order_amounts') }} as revenues
        on orders.brand = revenues.brand and orders.order_id = revenues.order_id
    cross join as_of
    where {{ known_until('orders.deleted_date', 'as_of.as_of_date') }} = {{ end_of_time() }}
),

cart_orders as (
    select carts.brand, carts.cart_id, placed_orders.ordered_at
    from carts
    inner join placed_orders on carts.brand = placed_orders.brand and carts.order_id = placed_orders.order_id

    union all

    select brand, cart_id, ordered_at from placed_orders
    where cart_id is not null
),

first_orders as (
    select brand, cart_id, min(ordered_at) as ordered_at from cart_orders
    group by brand, cart_id
),

touched_carts as (
    select
        carts.*,
        case when carts.is_updated then carts.updated_at else carts.created_at end as last_touched_at,
        case when carts.is_updated then carts.updated_date else carts.created_date end as last_touched_date,
        first_orders.ordered_at
    from carts
    left join first_orders on carts.brand = first_orders.brand and carts.cart_id = first_orders.cart_id
    where carts.value_amount is null or carts.value_amount > 0 or first_orders.ordered_at is not null
),

orders_of_persons as (
    select carts.brand, carts.cart_id, min(placed_orders.ordered_at) as ordered_at
    from touched_carts as carts
    inner join placed_orders
        on
            carts.customer_key = placed_orders.customer_key and carts.created_at <= placed_orders.ordered_at
            and {{ seconds_between('carts.last_touched_at', 'placed_orders.ordered_at') }} >= -{{ written_after_order }}
    where carts.ordered_at is null
    group by carts.brand, carts.cart_id
),

timed_carts as (
    select carts.*, coalesce(carts.ordered_at, orders_of_persons.ordered_at) as met_at
    from touched_carts as carts
    left join orders_of_persons on carts.brand = orders_of_persons.brand and carts.cart_id = orders_of_persons.cart_id
),

waits as (
    select
        *,
        {{ seconds_between('last_touched_at', 'known_before') }} as known_seconds,
        coalesce({{ seconds_between('last_touched_at', 'met_at') }} <= {{ 24 * hour }}, false) as is_ordered_in_time,
        coalesce({{ seconds_between('last_touched_at', 'met_at') }} <= {{ 30 * 24 * hour }}, false)
            as is_ordered_in_30_days
    from timed_carts
),

int_cart_outcomes as (
    select
        brand, cart_id, person_id, last_step, value_amount, is_ordered_in_time,
        -- an order at the last instant of the 24 hours would still be in time, and is not known on the day after
        known_seconds > {{ 24 * hour }} as is_mature,
        known_seconds > {{ 24 * hour }} and not is_ordered_in_time as is_abandoned,
        known_seconds > {{ 24 * hour }} and not is_ordered_in_time and is_ordered_in_30_days as is_recovered,
        known_seconds > {{ 30 * 24 * hour }} as is_recovery_mature,
        last_touched_at, last_touched_date, met_at as ordered_at
    from waits
)

select * from int_cart_outcomes
