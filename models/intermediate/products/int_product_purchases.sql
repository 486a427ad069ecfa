-- One row per living customer, purchase, level (product, category) and what was bought in it. All orders of one date are one
-- purchase, with the number that it has among all purchase dates of the customer.
with

purchases as (
    select * from {{ ref('customer_lifecycle', 'int_customer_purchase_history') }}
),

bought as (
    select distinct customer_key, ordered_date, product_level, product_key
    from {{ ref('customer_lifecycle', 'int_order_products') }}
    where customer_key is not null
),

int_product_purchases as (
    select
        purchases.brand,
        purchases.customer_key,
        bought.product_level,
        bought.product_key,
        purchases.purchase_number,
        purchases.purchase_date,
        purchases.next_purchase_date,
        min(purchases.purchase_date) over (partition by purchases.customer_key, bought.product_level, bought.product_key)
            as first_bought_date,
        lead(purchases.purchase_date) over (
            partition by purchases.customer_key, bought.product_level, bought.product_key order by purchases.purchase_date
        ) as next_bought_date
    from bought
    inner join purchases
        on bought.customer_key = purchases.customer_key and bought.ordered_date = purchases.purchase_date
)

select * from int_product_purchases
