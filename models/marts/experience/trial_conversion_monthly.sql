-- One row per month in which trials started, and plan.
with

trials as (
    select * from {{ ref('customer_lifecycle', 'int_trial_outcomes') }}
),

counts as (
    select
        brand,
        {{ period_start('month', 'trial_started_date') }} as trial_month,
        plan,
        count(*) as trial_count,
        sum(case when is_mature then 1 else 0 end) as mature_trial_count,
        sum(case when is_mature and converted_date is not null then 1 else 0 end) as converted_count
    from trials
    group by brand, {{ period_start('month', 'trial_started_date') }}, plan
),

trial_conversion_monthly as (
    select
        counts.brand,
        counts.trial_month,
        counts.plan,
        cast(counts.trial_count as bigint) as trial_count,
        cast(counts.mature_trial_count as bigint) as mature_trial_count,
        cast(counts.converted_count as bigint) as converted_count,
        {{ ratio_of('counts.converted_count', 'counts.mature_trial_count') }} as conversion_rate,
        counts.mature_trial_count = counts.trial_count
        and {{ add_months('counts.trial_month', 1) }} <= {{ add_days('as_of.as_of_date', 1) }} as is_mature
    from counts
    cross join {{ ref('customer_lifecycle', 'as_of_date') }} as as_of
)

select * from trial_conversion_monthly
