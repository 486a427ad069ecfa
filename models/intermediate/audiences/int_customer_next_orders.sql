-- One row per customer who has bought on four dates or more and has not churned: the date of the next order by its own
-- gaps, and an interval. If the next gap is as the n gaps so far, it lies between the k-th shortest and the k-th longest of
-- them with a probability of 1 - 2k / (n + 1): with k = (n + 1) / 4, rounded down, of one half or more.
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

active_customers as (
    select intervals.customer_key
    from {{ ref('customer_lifecycle', 'int_customer_state_intervals') }} as intervals
    inner join as_of on intervals.valid_from <= as_of.as_of_date and intervals.valid_to > as_of.as_of_date
    where intervals.stage <> 'churned'
),

order_dates as (
    select distinct customer_key, ordered_date
    from {{ ref('customer_lifecycle', 'int_order_amounts') }}
    where is_valid and customer_key is not null
),

gaps as (
    select
        customer_key, ordered_date,
        {{ days_between('lag(ordered_date) over (partition by customer_key order by ordered_date)', 'ordered_date') }}
            as gap_days
    from order_dates
),

ranked_gaps as (
    select
        customer_key, ordered_date, gap_days,
        row_number() over (partition by customer_key order by gap_days, ordered_date) as gap_number,
        count(*) over (partition by customer_key) as gap_count
    from gaps
    where gap_days is not null
),

summaries as (
    select
        customer_key,
        gap_count,
        max(ordered_date) as last_ordered_date,
        min(case when gap_number = floor((gap_count + 1) / 4.0) then gap_days end) as short_gap_days,
        min(case when gap_number = floor((gap_count + 1) / 2.0) then gap_days end) as lower_middle_days,
        min(case when gap_number = floor(gap_count / 2.0) + 1 then gap_days end) as upper_middle_days,
        min(case when gap_number = gap_count + 1 - floor((gap_count + 1) / 4.0) then gap_days end) as long_gap_days
    from ranked_gaps
    where gap_count >= 3
    group by customer_key, gap_count
),

medians as (
    -- half a day rounded up
    select *, cast(floor((lower_middle_days + upper_middle_days + 1) / 2.0) as integer) as median_days
    from summaries
),

int_customer_next_orders as (
    select
        summaries.customer_key,
        summaries.gap_count,
        {{ add_days('summaries.last_ordered_date', 'summaries.median_days') }} as expected_order_date,
        {{ add_days('summaries.last_ordered_date', 'summaries.short_gap_days') }} as earliest_order_date,
        {{ add_days('summaries.last_ordered_date', 'summaries.long_gap_days') }} as latest_order_date
    from medians as summaries
    inner join active_customers on summaries.customer_key = active_customers.customer_key
)

select * from int_customer_next_orders
