-- One row per customer with a purchase: what it bought on its first purchase date, by the orders that count at the as-of
-- date. Of several orders of that date the earliest stands for it, and of its products the one on which most was spent.
with

customers as (
    select brand, customer_key, first_purchase_date
    from {{ ref('customer_lifecycle', 'int_customer_purchase_history') }}
    where purchase_date = first_purchase_date
),

valid_orders as (
    select
        amounts.*, orders.sales_channel, orders.discount_code,
        orders.discount_amount is not null or orders.discount_code is not null as says_discount,
        row_number() over (partition by amounts.customer_key order by orders.ordered_at, amounts.order_id) as order_number
    from {{ ref('customer_lifecycle', 'int_order_amounts') }} as amounts
    inner join {{ ref('customer_lifecycle', 'stg_shop__orders') }} as orders
        on amounts.brand = orders.brand and amounts.order_id = orders.order_id
    inner join customers
        on amounts.customer_key = customers.customer_key and amounts.ordered_date = customers.first_purchase_date
    where amounts.is_valid
),

orders as (
    select
        *,
        -- a shop that never says anything of discounts has an unknown share of them, not none
        max(case when says_discount then 1 else 0 end) over (partition by brand) = 1 as brand_says_discounts
    from valid_orders
    where order_number = 1
),

items as (
    select
        orders.customer_key, items.product_id, products.category,
        row_number() over (
            partition by orders.customer_key
            order by
                sum(coalesce(items.quantity, 1) * coalesce(items.unit_price, 0) - coalesce(items.discount_amount, 0)) desc,
                items.product_id
        ) as choice_number
    from orders
    inner join {{ ref('customer_lifecycle', 'stg_shop__order_items') }} as items
        on orders.brand = items.brand and orders.order_id = items.order_id
    cross join {{ ref('customer_lifecycle', 'as_of_date') }} as as_of
    left join {{ ref('customer_lifecycle', 'stg_shop__products') }} as products
        on items.brand = products.brand and items.product_id = products.product_id
    where items.product_id is not null and (items.deleted_date is null or items.deleted_date > as_of.as_of_date)
    group by orders.customer_key, items.product_id, products.category
),

subscriptions as (
    select distinct events.customer_key
    from {{ ref('customer_lifecycle', 'int_customer_events') }} as events
    inner join customers
        on events.customer_key = customers.customer_key and events.event_date = customers.first_purchase_date
    where
        events.event_kind = 'purchase' and events.source_table = 'subscriptions'
        and events.known_until = {{ end_of_time() }}
),

int_customer_first_purchases as (
    select
        customers.brand, customers.customer_key, customers.first_purchase_date, orders.order_id,
        orders.revenue_amount, orders.sales_channel, items.product_id, items.category, orders.discount_code,
        case when orders.brand_says_discounts then orders.discount_amount end as discount_amount,
        coalesce(orders.discount_amount, 0) > 0 or orders.discount_code is not null as is_discounted,
        subscriptions.customer_key is not null as is_subscription
    from customers
    left join orders on customers.customer_key = orders.customer_key
    left join items on customers.customer_key = items.customer_key and items.choice_number = 1
    left join subscriptions on customers.customer_key = subscriptions.customer_key
)

select * from int_customer_first_purchases
