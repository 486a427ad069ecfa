-- One row per order that counts and unbroken period [valid_from, valid_to) in which it does: from its date until it is
-- cancelled, refunded in full or deleted. A refund that is deleted later gives the order a second period.
with

as_of as (
    select as_of_date from {{ ref('stg_calendar__as_of_date') }}
),

turns as (
    select * from {{ ref('int_order_refund_turns') }}
),

first_refunds as (
    select brand, order_id, min(turn_date) as refunded_date from turns
    where is_refunded
    group by brand, order_id
),

orders as (
    select
        orders.brand,
        orders.order_id,
        orders.person_id,
        orders.ordered_date,
        orders.deleted_date,
        first_refunds.refunded_date,
        orders.status_effect,
        -- a reversed status with no date of its own took effect when the row was last updated
        case
            when orders.cancelled_date is not null then orders.cancelled_date
            when orders.status_effect = 'reversed' and first_refunds.refunded_date is null then orders.updated_date
        end as called_off_date
    from {{ ref('stg_shop__orders') }} as orders
    left join first_refunds on orders.brand = first_refunds.brand and orders.order_id = first_refunds.order_id
    {{ join_shared_ids('orders', 'ordered_date') }}
    where
        orders.status_effect <> 'never'
        and orders.person_id is not null
        and shared_ids.person_id is null
),

refund_periods as (
    -- until the first full refund, or for good
    select brand, order_id, ordered_date as valid_from, coalesce(refunded_date, {{ end_of_time() }}) as valid_to
    from orders

    union all

    -- again, after a refund was taken back
    select brand, order_id, turn_date, coalesce(next_turn_date, {{ end_of_time() }})
    from turns
    where not is_refunded
),

int_order_validity as (
    select
        orders.brand,
        orders.order_id,
        orders.person_id,
        orders.ordered_date,
        refund_periods.valid_from,
        least(
            {{ known_until('refund_periods.valid_to', 'as_of.as_of_date') }},
            {{ known_until('orders.called_off_date', 'as_of.as_of_date') }},
            {{ known_until('orders.deleted_date', 'as_of.as_of_date') }}
        ) as valid_to
    from refund_periods
    inner join orders on refund_periods.brand = orders.brand and refund_periods.order_id = orders.order_id
    cross join as_of
    where
        refund_periods.valid_from <= as_of.as_of_date
        and (
            orders.status_effect = 'purchase'
            or orders.called_off_date is not null
            or orders.refunded_date is not null
        )
)

select * from int_order_validity
where valid_from < valid_to
