-- One row per stage and month in which persons reached the stage: how long they stay, by the estimator of Kaplan and Meier.
-- Stays that are still open, or end by a merge, are not dropped: they count for the time observed.
{% set cohort = 'brand, stage, entry_month' %}
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

durations as (
    select
        {{ cohort }},
        seen_days,
        count(*) as stay_count,
        sum(case when outcome = 'completed' then 1 else 0 end) as completed_count,
        sum(case when outcome = 'merged' then 1 else 0 end) as merged_count
    from {{ ref('customer_lifecycle', 'int_customer_stays') }}
    group by {{ cohort }}, seen_days
),

risks as (
    select
        *,
        sum(stay_count) over (partition by {{ cohort }} order by seen_days desc) as at_risk_count
    from durations
),

curve as (
    select
        *,
        -- the product of the shares that remain; where no customer does, it is the last point of the curve
        case
            when completed_count = at_risk_count then 0
            else exp(sum(
                case
                    when completed_count < at_risk_count
                        then ln(1 - {{ ratio_of('completed_count', 'at_risk_count') }})
                end
            ) over (partition by {{ cohort }} order by seen_days))
        end as survival_rate
    from risks
),

durations_by_month as (
    select
        {{ cohort }},
        cast(sum(stay_count) as bigint) as stay_count,
        cast(sum(completed_count) as bigint) as completed_count,
        cast(sum(merged_count) as bigint) as merged_count,
        -- the first duration by which so many have left; a hair's breadth allows for rounding in exp and ln
        cast(min(case when survival_rate <= 0.750000001 then seen_days end) as integer) as p25,
        cast(min(case when survival_rate <= 0.500000001 then seen_days end) as integer) as median_days,
        cast(min(case when survival_rate <= 0.250000001 then seen_days end) as integer) as p75
    from curve
    group by {{ cohort }}
),

stage_durations as (
    select
        durations_by_month.*,
        durations_by_month.completed_count + durations_by_month.merged_count = durations_by_month.stay_count
        and {{ add_months('durations_by_month.entry_month', 1) }} <= {{ add_days('as_of.as_of_date', 1) }} as is_mature
    from durations_by_month
    cross join as_of
)

select * from stage_durations
