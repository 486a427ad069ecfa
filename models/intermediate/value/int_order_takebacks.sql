-- One row per order and date on which revenue is taken back, or given back because a refund was deleted. What is taken
-- back so far is always rounded as one sum, so that the parts of an order refunded in full, or called off, add up to its
-- revenue.
with

as_of as (
    select as_of_date from {{ ref('stg_calendar__as_of_date') }}
),

orders as (
    select * from {{ ref('int_order_revenues') }}
),

refunds as (
    select * from {{ ref('stg_shop__refunds') }}
),

refund_changes as (
    select
        brand,
        order_id,
        refunded_date as change_date,
        amount as refunded_amount
    from refunds

    union all

    select
        refunds.brand,
        refunds.order_id,
        greatest(refunds.deleted_date, refunds.refunded_date) as change_date,
        -refunds.amount as refunded_amount
    from refunds
    cross join as_of
    where refunds.deleted_date <= as_of.as_of_date
),

balance_changes as (
    -- a refund dated before its order counts from the order's date; one after the end finds nothing left to take back
    select
        orders.brand,
        orders.order_id,
        greatest(refund_changes.change_date, orders.ordered_date) as movement_date,
        sum(refund_changes.refunded_amount) as refunded_amount,
        0 as is_end
    from refund_changes
    inner join orders on refund_changes.brand = orders.brand and refund_changes.order_id = orders.order_id
    where
        orders.ended_date is null
        or greatest(refund_changes.change_date, orders.ordered_date) < orders.ended_date
    group by orders.brand, orders.order_id, greatest(refund_changes.change_date, orders.ordered_date)

    union all

    select
        brand,
        order_id,
        ended_date as movement_date,
        0 as refunded_amount,
        1 as is_end
    from orders
    where ended_date is not null
),

balances as (
    select
        brand,
        order_id,
        movement_date,
        is_end,
        sum(refunded_amount) over (partition by brand, order_id order by movement_date) as balance_amount
    from balance_changes
),

taken_back as (
    select
        balances.brand,
        balances.order_id,
        orders.customer_key,
        balances.movement_date,
        case
            when balances.is_end = 1 or balances.balance_amount >= orders.total_amount then orders.revenue_amount
            else least(
                orders.revenue_amount,
                round(
                    cast(balances.balance_amount * orders.own_revenue_amount / orders.total_amount as decimal(18, 6))
                    * orders.reporting_rate,
                    2
                )
            )
        end as taken_back_amount,
        case
            when balances.is_end = 1 then true
            else balances.balance_amount >= orders.total_amount and balances.balance_amount > 0
        end as is_reversed
    from balances
    inner join orders on balances.brand = orders.brand and balances.order_id = orders.order_id
),

int_order_takebacks as (
    select
        brand,
        order_id,
        customer_key,
        movement_date,
        cast(
            taken_back_amount
            - lag(taken_back_amount, 1, 0) over (partition by brand, order_id order by movement_date)
            as decimal(18, 2)
        ) as refunded_revenue_amount,
        is_reversed,
        lead(movement_date) over (partition by brand, order_id order by movement_date) is null as is_latest
    from taken_back
)

select * from int_order_takebacks
