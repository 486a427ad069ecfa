-- One row per segment and candidate for the number of days without an order after which a customer has churned.
with

customers as (
    select * from {{ ref('customer_lifecycle', 'int_customer_purchase_gaps') }}
),

gap_percentiles as (
    select
        customers.brand, customers.segment,
        {% for percent in [50, 75, 90, 95] %}
        {{ percentile_of(days_between('purchases.purchase_date', 'purchases.next_purchase_date'), percent / 100) }}
            as gap_p{{ percent }}_days,
        {% endfor %}
        count(*) as gap_count
    from {{ ref('customer_lifecycle', 'int_customer_purchase_history') }} as purchases
    inner join customers on purchases.customer_key = customers.customer_key
    where purchases.next_purchase_date is not null
    group by customers.brand, customers.segment
),

segment_names as (
    select distinct brand, segment from customers
),

segments as (
    select segment_names.brand, segment_names.segment, thresholds.churn_after_days
    from segment_names
    left join {{ seed('lifecycle_thresholds') }} as own_thresholds
        on {{ segment_key('segment_names.segment') }} = {{ segment_key('own_thresholds.segment') }}
    inner join {{ seed('lifecycle_thresholds') }} as thresholds
        on coalesce(own_thresholds.segment, 'default') = thresholds.segment
),

candidates as (
    {% for days in [30, 45, 60, 90, 120, 150, 180, 270, 365] %}
    select brand, segment, churn_after_days, {{ days }} as window_days from segments
    {{ union_distinct() }}
    {% endfor %}
    select brand, segment, churn_after_days, churn_after_days as window_days from segments
),

gap_counts as (
    -- a customer who buys on the very day the window ends has not churned; one who has not bought by that day's end has
    select
        brand, segment,
        greatest(longest_gap_days - 1, open_gap_days) as churned_within_days,
        longest_gap_days - 1 as returned_within_days,
        count(*) as customer_count
    from customers
    group by brand, segment, greatest(longest_gap_days - 1, open_gap_days), longest_gap_days - 1
),

counts as (
    select
        candidates.brand, candidates.segment, candidates.window_days, candidates.churn_after_days,
        sum(gap_counts.customer_count) as customer_count,
        sum(case when gap_counts.churned_within_days >= candidates.window_days then gap_counts.customer_count else 0 end)
            as customers_churned_count,
        sum(case when gap_counts.returned_within_days >= candidates.window_days then gap_counts.customer_count else 0 end)
            as later_returned_count
    from candidates
    inner join gap_counts on candidates.brand = gap_counts.brand and candidates.segment = gap_counts.segment
    group by candidates.brand, candidates.segment, candidates.window_days, candidates.churn_after_days
),

churn_window_calibration as (
    select
        counts.brand,
        counts.segment,
        cast(counts.window_days as integer) as window_days,
        counts.window_days = counts.churn_after_days as is_current_window,
        cast(counts.customer_count as bigint) as customer_count,
        cast(coalesce(gap_percentiles.gap_count, 0) as bigint) as gap_count,
        gap_percentiles.gap_p50_days,
        gap_percentiles.gap_p75_days,
        gap_percentiles.gap_p90_days,
        gap_percentiles.gap_p95_days,
        cast(counts.customers_churned_count as bigint) as customers_churned_count,
        cast(counts.later_returned_count as bigint) as later_returned_count,
        {{ ratio_of('counts.later_returned_count', 'counts.customers_churned_count') }} as false_churn_rate
    from counts
    left join gap_percentiles on counts.brand = gap_percentiles.brand and counts.segment = gap_percentiles.segment
)

select * from churn_window_calibration
