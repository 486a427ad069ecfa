-- One row per customer with a purchase that counts: when it first bought, and its first order, unless what it first bought
-- is a subscription.
with

purchases as (
    select distinct
        brand,
        customer_key,
        first_purchase_date
    from {{ ref('customer_lifecycle', 'int_customer_purchase_history') }}
),

first_day_orders as (
    select
        purchases.customer_key,
        amounts.order_id,
        amounts.revenue_amount,
        coalesce(amounts.discount_amount > 0, false) or orders.discount_code is not null as is_discounted,
        row_number() over (
            partition by purchases.customer_key order by orders.ordered_at, orders.order_id
        ) as order_number
    from purchases
    inner join {{ ref('customer_lifecycle', 'int_order_amounts') }} as amounts
        on purchases.customer_key = amounts.customer_key and purchases.first_purchase_date = amounts.ordered_date
    inner join {{ ref('customer_lifecycle', 'stg_shop__orders') }} as orders
        on amounts.brand = orders.brand and amounts.order_id = orders.order_id
    where amounts.is_valid
),

int_new_customers as (
    select
        purchases.brand,
        purchases.customer_key,
        purchases.first_purchase_date,
        orders.order_id as first_order_id,
        orders.revenue_amount as first_order_revenue_amount,
        orders.is_discounted
    from purchases
    left join first_day_orders as orders on purchases.customer_key = orders.customer_key and orders.order_number = 1
)

select * from int_new_customers
