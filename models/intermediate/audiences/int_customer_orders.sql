-- One row per order that counts and has a customer, with whether it was bought with a discount.
with

int_customer_orders as (
    select
        amounts.brand,
        amounts.order_id,
        amounts.customer_key,
        amounts.ordered_date,
        coalesce(amounts.discount_amount > 0, false) or orders.discount_code is not null as is_discounted
    from {{ ref('customer_lifecycle', 'int_order_amounts') }} as amounts
    inner join {{ ref('customer_lifecycle', 'stg_shop__orders') }} as orders
        on amounts.brand = orders.brand and amounts.order_id = orders.order_id
    where amounts.is_valid and amounts.customer_key is not null
)

select * from int_customer_orders
