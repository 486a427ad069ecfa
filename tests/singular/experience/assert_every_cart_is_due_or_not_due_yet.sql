-- No cart of staging is lost on the way to the mart and none is counted twice, by whatever orders name it: ordered in time,
-- abandoned and not due yet together are all that were not deleted. Only an empty cart may be left out.
with

staged_carts as (
    select
        carts.brand,
        count(*) as cart_count,
        sum(case when carts.value_amount = 0 then 0 else 1 end) as filled_cart_count
    from {{ ref('customer_lifecycle', 'stg_shop__carts') }} as carts
    cross join {{ ref('customer_lifecycle', 'as_of_date') }} as as_of
    where carts.deleted_date is null or carts.deleted_date > as_of.as_of_date
    group by carts.brand
),

counted_carts as (
    select brand, sum(ordered_in_time_count + abandoned_count + immature_cart_count) as cart_count
    from {{ ref('customer_lifecycle', 'cart_abandonment_daily') }}
    group by brand
)

select
    coalesce(staged_carts.brand, counted_carts.brand) as brand,
    staged_carts.filled_cart_count,
    staged_carts.cart_count as staged_count,
    counted_carts.cart_count as counted_count
from staged_carts
full outer join counted_carts on staged_carts.brand = counted_carts.brand
where
    coalesce(counted_carts.cart_count, 0) > coalesce(staged_carts.cart_count, 0)
    or coalesce(counted_carts.cart_count, 0) < coalesce(staged_carts.filled_cart_count, 0)
