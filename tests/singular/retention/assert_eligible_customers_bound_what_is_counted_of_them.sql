-- Identity 10 for windows in days: nothing is counted of customers whose days have not run out, and without them there is
-- no rate.
with

windows as (
    {% for days in [30, 90, 180] %}
    select
        brand,
        reactivation_month as cohort_month,
        {{ days }} as window_days,
        reactivated_count as cohort_count,
        eligible_{{ days }}d_count as eligible_count,
        still_active_{{ days }}d_count as reached_count,
        still_active_{{ days }}d_rate as rate,
        is_mature
    from {{ ref('customer_lifecycle', 'winback_cohorts_monthly') }}
    union all
    {% endfor %}
    select
        brand,
        cohort_month,
        window_days,
        cohort_customer_count,
        eligible_count,
        repurchased_count,
        repurchase_rate,
        is_mature
    from {{ ref('customer_lifecycle', 'repurchase_monthly') }}
)

select * from windows
where
    eligible_count > cohort_count
    or reached_count > eligible_count
    or (rate is null) <> (eligible_count = 0)
    or (is_mature and eligible_count < cohort_count)
