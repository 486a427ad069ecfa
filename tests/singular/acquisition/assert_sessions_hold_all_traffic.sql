-- Every touchpoint that is web traffic and has an id is in exactly one session: the sessions' touchpoints are as many as
-- there are, by brand and by customer.
with

counts as (
    select
        brand,
        customer_key,
        touchpoint_count
    from {{ ref('customer_lifecycle', 'int_sessions') }}
    union all
    select
        brand,
        customer_key,
        -1 as touchpoint_count
    from {{ ref('customer_lifecycle', 'int_stitched_touchpoints') }}
    where is_web_visit and visitor_id is not null
)

select
    brand,
    customer_key,
    sum(touchpoint_count) as difference
from counts
group by brand, customer_key
having sum(touchpoint_count) <> 0
