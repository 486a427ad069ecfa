-- One row per order that counts or once counted: whose it is now, what it is worth in the reporting currency, and the day it
-- was called off or deleted, as far as that is known. Partial and full refunds stand in int_order_takebacks.
with

as_of as (
    select as_of_date from {{ ref('stg_calendar__as_of_date') }}
),

memberships as (
    select * from {{ ref('int_identity_memberships') }}
    where valid_to = {{ end_of_time() }}
),

shared_ids as (
    select * from {{ ref('int_identity_shared_ids') }}
),

first_refunds as (
    select
        brand,
        order_id,
        min(turn_date) as refunded_date
    from {{ ref('int_order_refund_turns') }}
    where is_refunded
    group by brand, order_id
),

orders as (
    select
        orders.*,
        first_refunds.refunded_date,
        greatest(orders.total_amount - coalesce(orders.tax_amount, 0) - coalesce(orders.shipping_amount, 0), 0)
            as own_revenue_amount,
        -- a reversed status with no date of its own took effect when the row was last updated
        case
            when orders.cancelled_date is not null then orders.cancelled_date
            when orders.status_effect = 'reversed' and first_refunds.refunded_date is null then orders.updated_date
        end as called_off_date
    from {{ ref('stg_shop__orders') }} as orders
    left join first_refunds on orders.brand = first_refunds.brand and orders.order_id = first_refunds.order_id
    where orders.status_effect <> 'never'
),

int_order_revenues as (
    select
        orders.brand,
        orders.order_id,
        memberships.customer_key,
        orders.ordered_date,
        nullif(
            greatest(
                orders.ordered_date,
                least(
                    {{ known_until('orders.called_off_date', 'as_of.as_of_date') }},
                    {{ known_until('orders.deleted_date', 'as_of.as_of_date') }}
                )
            ),
            {{ end_of_time() }}
        ) as ended_date,
        orders.total_amount,
        cast(orders.own_revenue_amount as decimal(18, 2)) as own_revenue_amount,
        orders.reporting_rate,
        cast(round(orders.own_revenue_amount * orders.reporting_rate, 2) as decimal(18, 2)) as revenue_amount,
        cast(round(coalesce(orders.discount_amount, 0) * orders.reporting_rate, 2) as decimal(18, 2)) as discount_amount
    from orders
    cross join as_of
    left join shared_ids
        on orders.person_id = shared_ids.person_id and orders.ordered_date >= shared_ids.shared_from_date
    left join memberships on orders.person_id = memberships.person_id and shared_ids.person_id is null
    where
        orders.status_effect = 'purchase'
        or orders.called_off_date is not null
        or orders.refunded_date is not null
)

select * from int_order_revenues
