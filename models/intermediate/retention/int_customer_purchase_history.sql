-- One row per living customer and date with a purchase that counts at the as-of date, survivors' histories joined.
with

customers as (
    select customer_key, brand from {{ ref('customer_lifecycle', 'int_customers') }}
    where merged_date is null
),

purchase_days as (
    select customers.brand, days.customer_key, days.purchase_date
    from {{ ref('customer_lifecycle', 'int_customer_purchase_days') }} as days
    inner join customers on days.customer_key = customers.customer_key
    where days.valid_to = {{ end_of_time() }}
),

int_customer_purchase_history as (
    select
        brand,
        customer_key,
        purchase_date,
        row_number() over (partition by customer_key order by purchase_date) as purchase_number,
        min(purchase_date) over (partition by customer_key) as first_purchase_date,
        lag(purchase_date) over (partition by customer_key order by purchase_date) as previous_purchase_date,
        lead(purchase_date) over (partition by customer_key order by purchase_date) as next_purchase_date
    from purchase_days
)

select * from int_customer_purchase_history
