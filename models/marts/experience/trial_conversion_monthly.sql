-- One row per month in which trials started, and plan.
with

trials as (
    select * from {{ ref('int_trial_outcomes') }}
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
        brand,
        trial_month,
        plan,
        cast(trial_count as bigint) as trial_count,
        cast(mature_trial_count as bigint) as mature_trial_count,
        cast(converted_count as bigint) as converted_count,
        {{ ratio_of('converted_count', 'mature_trial_count') }} as conversion_rate,
        mature_trial_count = trial_count as is_mature
    from counts
)

select * from trial_conversion_monthly
