-- One row per order and day on which it is placed or refunded, or a refund of it is deleted: what is refunded by then. Days
-- after the as-of date are here as well: a status such as refunded then means that day, and the order still counts. What a
-- refund is for, where it says so, decides how much revenue it takes back; else its share of the total does.
with

orders as (
    select
        orders.brand, orders.order_id, orders.ordered_date,
        orders.total_amount + coalesce(gift_cards.left_out_amount, 0) as total_amount,
        cast(greatest(
            orders.total_amount + coalesce(gift_cards.left_out_amount, 0) - coalesce(gift_cards.sold_amount, 0)
            - coalesce(orders.tax_amount, 0) - coalesce(orders.shipping_amount, 0),
            0
        ) as decimal(18, 2)) as own_revenue_amount
    from {{ ref('customer_lifecycle', 'stg_shop__orders') }} as orders
    left join {{ ref('customer_lifecycle', 'int_order_gift_cards') }} as gift_cards
        on orders.brand = gift_cards.brand and orders.order_id = gift_cards.order_id
),

refunds as (
    select * from {{ ref('customer_lifecycle', 'base_shop__refunds') }}
    where rejection_reason is null
),

changes as (
    select
        brand, order_id, ordered_date as change_date,
        cast(null as decimal(18, 2)) as refunded_amount, cast(null as decimal(18, 2)) as goods_amount,
        cast(null as decimal(18, 2)) as unknown_amount
    from orders

    union all

    select
        brand, order_id, refunded_date, amount, coalesce(refunded_goods_amount, 0),
        case when refunded_goods_amount is null then amount else 0 end
    from refunds

    union all

    select
        brand, order_id, greatest(deleted_date, refunded_date), -amount, -coalesce(refunded_goods_amount, 0),
        case when refunded_goods_amount is null then -amount else 0 end
    from refunds
    where deleted_date is not null
),

days as (
    -- a refund dated before its order counts from the order's date
    select
        orders.brand,
        orders.order_id,
        orders.total_amount,
        orders.own_revenue_amount,
        greatest(changes.change_date, orders.ordered_date) as change_date,
        sum(changes.refunded_amount) as refunded_amount,
        sum(changes.goods_amount) as goods_amount,
        sum(changes.unknown_amount) as unknown_amount
    from orders
    inner join changes on orders.brand = changes.brand and orders.order_id = changes.order_id
    group by
        orders.brand, orders.order_id, orders.total_amount, orders.own_revenue_amount,
        greatest(changes.change_date, orders.ordered_date)
),

sums as (
    select
        *,
        cast(sum(refunded_amount) over (partition by brand, order_id order by change_date) as decimal(18, 2))
            as refunded_so_far,
        cast(sum(goods_amount) over (partition by brand, order_id order by change_date) as decimal(18, 2))
            as goods_so_far,
        cast(sum(unknown_amount) over (partition by brand, order_id order by change_date) as decimal(18, 2))
            as unknown_so_far
    from days
),

balances as (
    -- refunded in full: all money, or all goods
    select
        *,
        coalesce(
            refunded_so_far > 0 and refunded_so_far >= total_amount
            or goods_so_far > 0 and own_revenue_amount > 0
            and goods_so_far * total_amount + unknown_so_far * own_revenue_amount >= own_revenue_amount * total_amount,
            false
        ) as is_refunded
    from sums
),

int_order_balances as (
    select
        brand,
        order_id,
        change_date,
        own_revenue_amount,
        case
            when is_refunded then own_revenue_amount
            when refunded_so_far is null then 0
            when total_amount = 0 then least(own_revenue_amount, goods_so_far)
            else least(
                own_revenue_amount, goods_so_far + cast(unknown_so_far * own_revenue_amount / total_amount as decimal(18, 6))
            )
        end as reversed_so_far_amount,
        is_refunded,
        min(case when is_refunded then change_date end) over (partition by brand, order_id) as first_refunded_date
    from balances
)

select * from int_order_balances
