-- One row per purchase number and number of days within which customers make the next purchase: how many do, and how soon.
{% set most_purchases = 20 %}
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

purchases as (
    select * from {{ ref('customer_lifecycle', 'int_customer_purchase_history') }}
    where purchase_number <= {{ most_purchases }}
),

gaps as (
    {% for days in [30, 60, 90, 180, 365] %}
    select
        purchases.brand,
        purchases.purchase_number,
        {{ days }} as window_days,
        purchases.next_purchase_date is not null as has_next_purchase,
        {{ add_days('purchases.purchase_date', days) }} <= as_of.as_of_date as is_eligible,
        case
            when
                {{ add_days('purchases.purchase_date', days) }} <= as_of.as_of_date
                and purchases.next_purchase_date <= {{ add_days('purchases.purchase_date', days) }}
                then {{ days_between('purchases.purchase_date', 'purchases.next_purchase_date') }}
        end as gap_days
    from purchases
    cross join as_of
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

counts as (
    select
        brand,
        purchase_number,
        window_days,
        count(*) as customer_count,
        sum(case when has_next_purchase then 1 else 0 end) as next_purchase_count,
        sum(case when is_eligible then 1 else 0 end) as eligible_count,
        {% for percent in [25, 50, 75] %}
        {{ percentile_of('gap_days', percent / 100) }} as gap_p{{ percent }}_days,
        {% endfor %}
        count(gap_days) as repurchased_count
    from gaps
    group by brand, purchase_number, window_days
),

purchase_gaps as (
    select
        brand,
        cast(purchase_number as integer) as purchase_number,
        cast(window_days as integer) as window_days,
        cast(customer_count as bigint) as customer_count,
        cast(next_purchase_count as bigint) as next_purchase_count,
        cast(eligible_count as bigint) as eligible_count,
        {{ ratio_of('eligible_count', 'customer_count') }} as eligible_rate,
        cast(repurchased_count as bigint) as repurchased_count,
        {{ ratio_of('repurchased_count', 'eligible_count') }} as repurchase_rate,
        gap_p25_days,
        gap_p50_days,
        gap_p75_days
    from counts
)

select * from purchase_gaps
