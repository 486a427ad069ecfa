-- An order of somebody counts at the as-of date for money exactly when it counts for the customer's stage: the two decide
-- separately, because orders of nobody have a revenue but no stage.
with

valid_orders as (
    select
        brand,
        order_id
    from {{ ref('int_order_validity') }}
    where valid_to = {{ end_of_time() }}
)

select coalesce(amounts.order_id, valid_orders.order_id) as order_id
from {{ ref('int_order_amounts') }} as amounts
full outer join valid_orders on amounts.brand = valid_orders.brand and amounts.order_id = valid_orders.order_id
where
    amounts.order_id is null
    or (amounts.customer_key is not null and amounts.is_valid <> (valid_orders.order_id is not null))
