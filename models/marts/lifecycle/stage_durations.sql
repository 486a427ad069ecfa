-- One row per stage and month in which stays in it began: how long they last, by the estimator of Kaplan and Meier. Stays
-- that are still open count as long as they were seen, they are not dropped.
{% set cohort = 'brand, stage, entry_month' %}
with

as_of as (
    select as_of_date from {{ ref('stg_calendar__as_of_date') }}
),

customers as (
    select * from {{ ref('int_customers') }}
),

stays as (
    select
        customers.brand,
        stays.stage,
        {{ period_start('month', 'stays.valid_from') }} as entry_month,
        {{ days_between('stays.valid_from', 'stays.published_to') }} as seen_days,
        case when stays.valid_to <= as_of.as_of_date then 1 else 0 end as completed_count,
        case when stays.valid_to = customers.absorbed_date then 1 else 0 end as merged_count
    from {{ ref('int_customer_stays') }} as stays
    inner join customers on stays.customer_key = customers.customer_key
    cross join as_of
    where not stays.is_scheduled
),

durations as (
    select
        {{ cohort }},
        seen_days,
        count(*) as stay_count,
        sum(completed_count) as completed_count,
        sum(merged_count) as merged_count
    from stays
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
        -- the product of the shares that stay on; where nobody does, it is the last point of the curve
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

stage_durations as (
    select
        brand,
        stage,
        entry_month,
        cast(sum(stay_count) as bigint) as stay_count,
        cast(sum(completed_count) as bigint) as completed_count,
        cast(sum(merged_count) as bigint) as merged_count,
        -- the first duration by which so many have left; a hair's breadth allows for rounding in exp and ln
        {% for column, share in [('p25', 0.75), ('median_days', 0.5), ('p75', 0.25)] %}
        cast(min(case when survival_rate <= {{ share }} + 0.000000001 then seen_days end) as integer) as {{ column }},
        {% endfor %}
        sum(completed_count) = sum(stay_count) as is_mature
    from curve
    group by {{ cohort }}
)

select * from stage_durations
