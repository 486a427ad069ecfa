-- An order of a known customer counts at the as-of date for money exactly when it counts for the customer's stage. Both read
-- the ledger of orders; but orders of unidentified customers have a revenue and no stage, and identities must not lose any.
with

valid_orders as (
    select
        brand,
        source_row as order_id
    from {{ ref('customer_lifecycle', 'int_purchases') }}
    where source_table = 'orders' and valid_to = {{ end_of_time() }}
)

select coalesce(amounts.order_id, valid_orders.order_id) as order_id
from {{ ref('customer_lifecycle', 'int_order_amounts') }} as amounts
full outer join valid_orders on amounts.brand = valid_orders.brand and amounts.order_id = valid_orders.order_id
where
    amounts.order_id is null
    or (amounts.customer_key is not null and amounts.is_valid <> (valid_orders.order_id is not null))
