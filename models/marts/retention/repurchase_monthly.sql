-- One row per month of first purchase and number of days within which customers buy again.
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

first_purchases as (
    select
        brand,
        {{ period_start('month', 'purchase_date') }} as cohort_month,
        purchase_date,
        next_purchase_date
    from {{ ref('customer_lifecycle', 'int_customer_purchase_history') }}
    where purchase_date = first_purchase_date
),

counts as (
    {% for days in [30, 60, 90, 180, 365] %}
    select
        first_purchases.brand,
        first_purchases.cohort_month,
        {{ days }} as window_days,
        count(*) as cohort_customer_count,
        sum(case when {{ add_days('first_purchases.purchase_date', days) }} <= as_of.as_of_date then 1 else 0 end)
            as eligible_count,
        sum(case
            when
                {{ add_days('first_purchases.purchase_date', days) }} <= as_of.as_of_date
                and first_purchases.next_purchase_date <= {{ add_days('first_purchases.purchase_date', days) }}
                then 1
            else 0
        end) as repurchased_count
    from first_purchases
    cross join as_of
    group by first_purchases.brand, first_purchases.cohort_month
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

repurchase_monthly as (
    select
        brand,
        cohort_month,
        window_days,
        cast(cohort_customer_count as bigint) as cohort_customer_count,
        cast(eligible_count as bigint) as eligible_count,
        cast(repurchased_count as bigint) as repurchased_count,
        {{ ratio_of('repurchased_count', 'eligible_count') }} as repurchase_rate,
        eligible_count = cohort_customer_count as is_mature
    from counts
)

select * from repurchase_monthly
