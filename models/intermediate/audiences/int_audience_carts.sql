-- One row per customer who has left a cart and not bought since, with the cart that was touched last.
with

carts as (
    select
        identity_map.customer_key,
        carts.cart_id,
        carts.last_step,
        carts.value_amount,
        carts.last_touched_date,
        row_number() over (
            partition by identity_map.customer_key order by carts.last_touched_at desc, carts.cart_id asc
        ) as cart_number
    from {{ ref('customer_lifecycle', 'int_cart_outcomes') }} as carts
    inner join {{ ref('customer_lifecycle', 'int_identity_map') }} as identity_map
        on carts.person_id = identity_map.person_id and identity_map.valid_to = {{ end_of_time() }}
    {{ join_shared_ids('carts', 'last_touched_date') }}
    where
        carts.is_abandoned
        and carts.ordered_at is null
        and shared_ids.person_id is null
),

last_purchases as (
    select customer_key, max(purchase_date) as last_purchase_date
    from {{ ref('customer_lifecycle', 'int_customer_purchase_days') }}
    where valid_to = {{ end_of_time() }}
    group by customer_key
),

int_audience_carts as (
    select
        carts.customer_key,
        carts.cart_id,
        carts.last_step,
        carts.value_amount,
        carts.last_touched_date as trigger_date
    from carts
    left join last_purchases on carts.customer_key = last_purchases.customer_key
    where
        carts.cart_number = 1
        -- an order on the same day may have been the same errand
        and (last_purchases.last_purchase_date is null or last_purchases.last_purchase_date < carts.last_touched_date)
)

select * from int_audience_carts
