-- One row per month and touchpoint about which customers answered a CSAT survey.
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

responses as (
    select * from {{ ref('customer_lifecycle', 'int_survey_scores') }}
    where survey_type = 'csat'
),

counts as (
    select
        brand,
        {{ period_start('month', 'responded_date') }} as month_date,
        touchpoint,
        sum(case when is_scored then 1 else 0 end) as response_count,
        sum(case when is_scored then 0 else 1 end) as unscored_response_count,
        sum(case when is_scored and customer_key is null then 1 else 0 end) as anonymous_response_count,
        sum(case when is_satisfied then 1 else 0 end) as satisfied_count
    from responses
    group by brand, {{ period_start('month', 'responded_date') }}, touchpoint
),

csat_monthly as (
    select
        counts.brand,
        counts.month_date,
        counts.touchpoint,
        cast(counts.response_count as bigint) as response_count,
        cast(counts.unscored_response_count as bigint) as unscored_response_count,
        cast(counts.anonymous_response_count as bigint) as anonymous_response_count,
        cast(counts.satisfied_count as bigint) as satisfied_count,
        {{ ratio_of('counts.satisfied_count', 'counts.response_count') }} as csat_score,
        {{ wilson_lower('counts.satisfied_count', 'counts.response_count') }} as csat_lower,
        {{ wilson_upper('counts.satisfied_count', 'counts.response_count') }} as csat_upper,
        {{ add_months('counts.month_date', 1) }} <= {{ add_days('as_of.as_of_date', 1) }} as is_mature
    from counts
    cross join as_of
)

select * from csat_monthly
