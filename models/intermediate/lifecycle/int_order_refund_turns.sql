-- One row per order and day on which it becomes fully refunded, or stops being so because a refund was deleted.
with

as_of as (
    select as_of_date from {{ ref('stg_calendar__as_of_date') }}
),

refunds as (
    select * from {{ ref('stg_shop__refunds') }}
),

refund_changes as (
    select brand, order_id, refunded_date as change_date, amount as refunded_amount from refunds

    union all

    select refunds.brand, refunds.order_id, greatest(refunds.deleted_date, refunds.refunded_date), -refunds.amount
    from refunds
    cross join as_of
    where refunds.deleted_date <= as_of.as_of_date
),

refund_days as (
    -- a refund dated before its order counts from the order's date
    select
        orders.brand,
        orders.order_id,
        orders.total_amount,
        greatest(refund_changes.change_date, orders.ordered_date) as change_date,
        sum(refund_changes.refunded_amount) as refunded_amount
    from {{ ref('stg_shop__orders') }} as orders
    inner join refund_changes on orders.brand = refund_changes.brand and orders.order_id = refund_changes.order_id
    group by
        orders.brand, orders.order_id, orders.total_amount, greatest(refund_changes.change_date, orders.ordered_date)
),

balances as (
    select
        *,
        sum(refunded_amount) over (partition by brand, order_id order by change_date) as balance_amount
    from refund_days
),

states as (
    select
        *,
        balance_amount >= total_amount and balance_amount > 0 as is_refunded
    from balances
),

changes as (
    select
        *,
        lag(is_refunded, 1, false) over (partition by brand, order_id order by change_date) as was_refunded
    from states
),

int_order_refund_turns as (
    select
        brand,
        order_id,
        change_date as turn_date,
        is_refunded,
        lead(change_date) over (partition by brand, order_id order by change_date) as next_turn_date
    from changes
    where is_refunded <> was_refunded
)

select * from int_order_refund_turns
