-- One row per customer who has bought and has never had a paid subscription (whose periods, not its gaps, say when it ends):
-- the longest time between two purchase dates, and since the last one, in days.
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

subscribed_customers as (
    select distinct customer_key from {{ ref('customer_lifecycle', 'int_customer_events') }}
    where event_kind = 'active_subscription' and known_until = {{ end_of_time() }}
),

purchases as (
    select purchases.* from {{ ref('customer_lifecycle', 'int_customer_purchase_history') }} as purchases
    left join subscribed_customers on purchases.customer_key = subscribed_customers.customer_key
    where subscribed_customers.customer_key is null
),

gaps as (
    select
        brand,
        customer_key,
        max({{ days_between('purchase_date', 'next_purchase_date') }}) as longest_gap_days,
        max(purchase_date) as last_purchase_date
    from purchases
    group by brand, customer_key
),

int_customer_purchase_gaps as (
    select
        gaps.brand,
        gaps.customer_key,
        dimensions.segment,
        coalesce(gaps.longest_gap_days, 0) as longest_gap_days,
        {{ days_between('gaps.last_purchase_date', 'as_of.as_of_date') }} as open_gap_days
    from gaps
    inner join {{ ref('customer_lifecycle', 'int_customer_dimensions') }} as dimensions
        on gaps.customer_key = dimensions.customer_key
    cross join as_of
)

select * from int_customer_purchase_gaps
