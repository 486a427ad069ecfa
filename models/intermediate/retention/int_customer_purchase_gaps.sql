-- One row per customer who has bought and has never had a paid subscription (whose periods, not its gaps, say when it ends):
-- the longest time between two purchase dates, and since the last one, in days.
with

as_of as (
    select as_of_date from {{ ref('stg_calendar__as_of_date') }}
),

covered_customers as (
    select distinct customer_key from {{ ref('int_customer_events') }}
    where event_kind = 'coverage'
),

purchases as (
    select purchases.* from {{ ref('int_customer_purchase_history') }} as purchases
    left join covered_customers on purchases.customer_key = covered_customers.customer_key
    where covered_customers.customer_key is null
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
        slices.segment,
        coalesce(gaps.longest_gap_days, 0) as longest_gap_days,
        {{ days_between('gaps.last_purchase_date', 'as_of.as_of_date') }} as open_gap_days
    from gaps
    inner join {{ ref('int_customer_slices') }} as slices on gaps.customer_key = slices.customer_key
    cross join as_of
)

select * from int_customer_purchase_gaps
