-- Identity 10: each customer buys in period 0 of the own cohort, no customer is retained more often than once, and only
-- a period that has ended has a denominator and so a rate.
with

cohort_periods as (
    {% for period in ['month', 'week'] %}
    select
        cohort_periods.brand,
        cohort_periods.cohort_{{ period }} as cohort_date,
        cohort_periods.period_number,
        cohort_periods.cohort_customer_count,
        cohort_periods.eligible_customer_count,
        cohort_periods.purchasing_customer_count,
        cohort_periods.unbounded_retained_customer_count,
        cohort_periods.active_customer_count,
        cohort_periods.is_mature,
        cohort_periods.purchasing_customer_rate is not null
        and cohort_periods.unbounded_retained_customer_rate is not null
        and cohort_periods.active_customer_rate is not null as has_rates,
        cohort_periods.purchasing_customer_rate is null
        and cohort_periods.unbounded_retained_customer_rate is null
        and cohort_periods.active_customer_rate is null
        and cohort_periods.net_revenue_per_customer is null
        and cohort_periods.cumulative_net_revenue_per_customer is null as has_no_rates,
        {{ add_periods(period, 'cohort_periods.cohort_' ~ period, 'cohort_periods.period_number + 1') }}
        <= {{ add_days('as_of.as_of_date', 1) }}
            as has_ended
    from {{ ref('retention_cohorts_' ~ period ~ 'ly') }} as cohort_periods
    cross join {{ ref('customer_lifecycle', 'as_of_date') }} as as_of
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from cohort_periods
where
    (period_number = 0 and purchasing_customer_count <> cohort_customer_count)
    or (period_number = 0 and unbounded_retained_customer_count <> cohort_customer_count)
    or purchasing_customer_count > unbounded_retained_customer_count
    or unbounded_retained_customer_count > cohort_customer_count
    or active_customer_count < 0
    or active_customer_count > cohort_customer_count
    or is_mature <> has_ended
    or eligible_customer_count <> case when has_ended then cohort_customer_count else 0 end
    or (has_ended and not has_rates)
    or (not has_ended and not has_no_rates)
