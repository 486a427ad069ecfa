-- One row per order and day on which it becomes fully refunded, or stops being so because a refund was deleted. Days after
-- the as-of date are here as well: a status such as refunded then means that day, and the order still counts.
with

refunds as (
    select * from {{ ref('base_shop__refunds') }}
    where rejection_reason is null
),

refund_changes as (
    select brand, order_id, refunded_date as change_date, amount as refunded_amount from refunds

    union all

    select brand, order_id, greatest(deleted_date, refunded_date), -amount from refunds
    where deleted_date is not null
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
