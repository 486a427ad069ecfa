-- Identity 10: everybody buys in period 0 of the own cohort, nobody is retained more often than once, and only a period
-- that has ended has a denominator and so a rate.
with

cells as (
    {% for period in ['month', 'week'] %}
    select
        cells.brand,
        cells.cohort_{{ period }} as cohort_date,
        cells.period_number,
        cells.cohort_customer_count,
        cells.eligible_customer_count,
        cells.purchasing_customer_count,
        cells.unbounded_retained_customer_count,
        cells.active_customer_count,
        cells.is_mature,
        cells.purchasing_customer_rate is not null
        and cells.unbounded_retained_customer_rate is not null
        and cells.active_customer_rate is not null as has_rates,
        cells.purchasing_customer_rate is null
        and cells.unbounded_retained_customer_rate is null
        and cells.active_customer_rate is null
        and cells.net_revenue_per_customer is null
        and cells.cumulative_net_revenue_per_customer is null as has_no_rates,
        {{ add_periods(period, 'cells.cohort_' ~ period, 'cells.period_number + 1') }}
        <= {{ add_days('as_of.as_of_date', 1) }}
            as has_ended
    from {{ ref('retention_cohorts_' ~ period ~ 'ly') }} as cells
    cross join {{ ref('stg_calendar__as_of_date') }} as as_of
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from cells
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
