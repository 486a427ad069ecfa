-- The ledger of orders: one row per order that counts or once counted and date on which it is placed, refunded, given back
-- because a refund was deleted, or ended: cancelled or deleted. Amounts are in the reporting currency. What is refunded so
-- far is always rounded as one sum, so that the parts of an order refunded in full, or ended, add up to its revenue.
with

order_versions as (
    select
        brand, order_id, status_effect, updated_at, updated_date,
        max(case when status_effect <> 'reversed' then updated_at end) over (partition by brand, order_id) as stood_at
    from {{ ref('customer_lifecycle', 'base_shop__orders') }}
    where rejection_reason = 'superseded_version' and updated_at is not null
),

first_reversals as (
    select brand, order_id, min(updated_date) as reversed_date from order_versions
    where status_effect = 'reversed' and (stood_at is null or updated_at > stood_at)
    group by brand, order_id
),

orders as (
    select
        orders.*,
        balances.own_revenue_amount, balances.change_date, balances.reversed_so_far_amount, balances.is_refunded,
        balances.first_refunded_date,
        -- a reversed status with no date of its own took effect with the update that brought it
        case
            when orders.cancelled_date is not null then orders.cancelled_date
            when orders.status_effect = 'reversed' and balances.first_refunded_date is null
                then coalesce(first_reversals.reversed_date, orders.updated_date)
        end as called_off_date,
        as_of.as_of_date
    from {{ ref('customer_lifecycle', 'stg_shop__orders') }} as orders
    inner join {{ ref('customer_lifecycle', 'int_order_balances') }} as balances
        on orders.brand = balances.brand and orders.order_id = balances.order_id
    left join first_reversals on orders.brand = first_reversals.brand and orders.order_id = first_reversals.order_id
    cross join {{ ref('customer_lifecycle', 'as_of_date') }} as as_of
    where orders.status_effect <> 'never'
),

dated as (
    select
        *,
        cast(round(own_revenue_amount * reporting_rate, 2) as decimal(18, 2)) as full_amount,
        cast(round(coalesce(discount_amount, 0) * reporting_rate, 2) as decimal(18, 2)) as full_discount_amount,
        greatest(
            ordered_date,
            least({{ known_until('called_off_date', 'as_of_date') }}, {{ known_until('deleted_date', 'as_of_date') }})
        ) as ended_date
    from orders
    where status_effect = 'purchase' or called_off_date is not null or first_refunded_date is not null
),

changes as (
    -- a refund after the end finds nothing left to refund
    select *, change_date as entry_date, false as is_end from dated
    where change_date <= as_of_date and change_date < ended_date

    union all

    select *, ended_date as entry_date, true as is_end from dated
    where change_date = ordered_date and ended_date < {{ end_of_time() }}
),

balances as (
    select
        *,
        case when is_end or is_refunded then 0 else 1 end as standing,
        case when entry_date = ordered_date then full_amount else 0 end as revenue_amount,
        case
            when is_end or is_refunded then full_amount
            else least(full_amount, round(reversed_so_far_amount * reporting_rate, 2))
        end as reversed_amount
    from changes
),

int_order_entries as (
    select
        brand, order_id, person_id, ordered_date, entry_date,
        standing - lag(standing, 1, 0) over (partition by brand, order_id order by entry_date) as standing_change,
        cast(revenue_amount as decimal(18, 2)) as revenue_amount,
        cast(
            reversed_amount - lag(reversed_amount, 1, 0) over (partition by brand, order_id order by entry_date)
            as decimal(18, 2)
        ) as refunded_revenue_amount,
        cast(case when entry_date = ordered_date then full_discount_amount else 0 end as decimal(18, 2)) as discount_amount
    from balances
)

select * from int_order_entries
