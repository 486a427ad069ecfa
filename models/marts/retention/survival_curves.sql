-- One row per event, dimension, its value and day on which the event came to some customer: the share of customers to whom
-- it had not come by the end of that day (Kaplan-Meier). The first and the last day observed have a row, too.
{% set curve_by = ['brand', 'event_name', 'dimension_name', 'dimension_value'] %}
{% set curve = curve_by | join(', ') %}
{% set cuts = ['cohort_month', 'acquisition_channel', 'country_code', 'segment'] %}
-- the 97.5th percentile of the normal distribution
{% set deviations = 1.959963984540054 %}
with

times as (
    select * from {{ ref('customer_lifecycle', 'int_survival_times') }}
),

counts as (
    select
        brand, event_name, 'all' as dimension_name, 'all' as dimension_value, day_number,
        sum(customer_count) as customer_count,
        sum(event_count) as event_count
    from times
    group by brand, event_name, day_number
    {% for cut in cuts %}
    union all

    select
        brand, event_name, '{{ cut }}', cast({{ cut }} as {{ text_type() }}), day_number,
        sum(customer_count), sum(event_count)
    from times
    group by brand, event_name, {{ cut }}, day_number
    {% endfor %}
),

days as (
    select {{ curve }}, day_number, customer_count, event_count from counts

    union all

    select {{ curve }}, 0, 0, 0 from counts
    group by {{ curve }}
),

risks as (
    -- who is last seen on the day of an event could have had it, too
    select
        {{ curve }}, day_number,
        sum(event_count) as event_count,
        sum(sum(customer_count)) over (partition by {{ curve }} order by day_number desc) as at_risk_count,
        max(day_number) over (partition by {{ curve }}) as last_day_number
    from days
    group by {{ curve }}, day_number
),

steps as (
    select
        *,
        cast(event_count as {{ double_type() }}) / at_risk_count as event_share
    from risks
    where event_count > 0 or day_number in (0, last_day_number)
),

sums as (
    select
        *,
        -- where the last customers at risk all have the event, the curve ends at 0
        sum(case when event_count < at_risk_count then ln(1 - event_share) else 0 end)
            over (partition by {{ curve }} order by day_number) as log_survival,
        sum(case when event_count < at_risk_count then event_share / (at_risk_count - event_count) else 0 end)
            over (partition by {{ curve }} order by day_number) as log_variance,
        coalesce(lead(at_risk_count) over (partition by {{ curve }} order by day_number), 0) as next_at_risk_count
    from steps
),

survival_curves as (
    select
        {{ curve }}, day_number,
        cast(at_risk_count as bigint) as at_risk_count,
        cast(event_count as bigint) as event_count,
        cast(at_risk_count - event_count - next_at_risk_count as bigint) as censored_count,
        case when event_count = at_risk_count then 0 else exp(log_survival) end as survival_rate,
        case when event_count < at_risk_count then exp(log_survival) * sqrt(log_variance) end as standard_error,
        case
            when event_count < at_risk_count and log_survival < 0
                then exp(log_survival * exp({{ deviations }} * sqrt(log_variance) / -log_survival))
        end as survival_rate_lower,
        case
            when event_count < at_risk_count and log_survival < 0
                then exp(log_survival * exp(-{{ deviations }} * sqrt(log_variance) / -log_survival))
        end as survival_rate_upper
    from sums
)

select * from survival_curves
