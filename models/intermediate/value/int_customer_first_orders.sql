-- One row per customer with an order that counts or once counted: its first one, and what was known of it profile_value_days
-- later. Nothing here changes after that day: it does not show whether the customer stayed or left later.
with

orders as (
    select
        revenues.brand, revenues.order_id, revenues.customer_key, revenues.ordered_date, orders.sales_channel,
        revenues.discount_amount > 0 or orders.discount_code is not null as is_discounted,
        row_number() over (
            partition by revenues.customer_key order by revenues.ordered_date, orders.ordered_at, revenues.order_id
        ) as order_number
    from {{ ref('customer_lifecycle', 'int_order_amounts') }} as revenues
    inner join {{ ref('customer_lifecycle', 'stg_shop__orders') }} as orders
        on revenues.brand = orders.brand and revenues.order_id = orders.order_id
    where revenues.customer_key is not null
),

first_orders as (
    select *, {{ add_days('ordered_date', setting('profile_value_days') | int) }} as profiled_date from orders
    where order_number = 1
),

category_amounts as (
    select
        first_orders.customer_key, products.category,
        sum(coalesce(items.quantity, 1) * coalesce(items.unit_price, 0) - coalesce(items.discount_amount, 0)) as amount
    from first_orders
    inner join {{ ref('customer_lifecycle', 'stg_shop__order_items') }} as items
        on first_orders.brand = items.brand and first_orders.order_id = items.order_id
    inner join {{ ref('customer_lifecycle', 'stg_shop__products') }} as products
        on items.brand = products.brand and items.product_id = products.product_id
    where
        products.category is not null
        and (items.deleted_date is null or items.deleted_date > first_orders.profiled_date)
    group by first_orders.customer_key, products.category
),

categories as (
    select
        customer_key, category,
        row_number() over (partition by customer_key order by amount desc, category asc) as choice_number
    from category_amounts
),

referred_customers as (
    select distinct first_orders.customer_key
    from {{ ref('customer_lifecycle', 'int_referral_conversions') }} as conversions
    inner join {{ ref('customer_lifecycle', 'int_customers') }} as customers
        on conversions.referred_customer_key = customers.customer_key
    inner join {{ ref('customer_lifecycle', 'int_identity_map') }} as identity_map
        on customers.customer_id = identity_map.person_id
    inner join first_orders on identity_map.customer_key = first_orders.customer_key
    where
        identity_map.valid_to = {{ end_of_time() }}
        and conversions.valid_from <= first_orders.profiled_date
        and conversions.valid_to > first_orders.profiled_date
),

early_revenues as (
    select first_orders.customer_key, sum(entries.net_revenue_amount) as net_revenue_amount
    from first_orders
    inner join {{ ref('customer_lifecycle', 'int_revenue_entries') }} as entries
        on first_orders.customer_key = entries.customer_key
    where entries.entry_date <= first_orders.profiled_date
    group by first_orders.customer_key
),

int_customer_first_orders as (
    select
        first_orders.brand, first_orders.customer_key, first_orders.order_id, first_orders.ordered_date,
        first_orders.profiled_date,
        coalesce(first_orders.sales_channel, 'unknown') as sales_channel,
        coalesce(categories.category, 'unknown') as category,
        first_orders.is_discounted,
        referred_customers.customer_key is not null as is_referred,
        cast(coalesce(early_revenues.net_revenue_amount, 0) as decimal(18, 2)) as early_revenue_amount
    from first_orders
    left join categories on first_orders.customer_key = categories.customer_key and categories.choice_number = 1
    left join referred_customers on first_orders.customer_key = referred_customers.customer_key
    left join early_revenues on first_orders.customer_key = early_revenues.customer_key
)

select * from int_customer_first_orders
