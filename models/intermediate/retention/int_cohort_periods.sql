-- One row per length of period (month, week), cohort of first purchase and number of periods since, up to the period of the
-- as-of date; cells in which nothing happens are kept.
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

measures as (
    select * from {{ ref('customer_lifecycle', 'int_cohort_measures') }}
),

{% for period in ['month', 'week'] %}
{{ period }}_periods as (
    -- a customer buys in the first period of its cohort
    select
        measures.brand,
        measures.period_length,
        measures.cohort_date,
        measures.purchasing_customer_count as cohort_customer_count,
        {{ unnest_integers('0', periods_between(period, 'measures.cohort_date', 'as_of.as_of_date') ~ ' + 1') }}
            as period_number
    from measures
    cross join as_of
    {{ join_integers('0', periods_between(period, 'measures.cohort_date', 'as_of.as_of_date') ~ ' + 1') }}
    where measures.period_length = '{{ period }}' and measures.period_number = 0
),

dated_{{ period }}_periods as (
    select *, {{ add_periods(period, 'cohort_date', 'period_number + 1') }} as period_ends_before from {{ period }}_periods
),

{% endfor %}
periods as (
    select * from dated_month_periods
    union all
    select * from dated_week_periods
),

int_cohort_periods as (
    select
        periods.brand,
        periods.period_length,
        periods.cohort_date,
        periods.period_number,
        periods.cohort_customer_count,
        case
            when periods.period_ends_before <= {{ add_days('as_of.as_of_date', 1) }} then periods.cohort_customer_count
            else 0
        end as eligible_customer_count,
        coalesce(measures.purchasing_customer_count, 0) as purchasing_customer_count,
        cast(sum(coalesce(measures.last_purchase_count, 0)) over (
            partition by periods.brand, periods.period_length, periods.cohort_date order by periods.period_number desc
        ) as bigint) as unbounded_retained_customer_count,
        cast(sum(coalesce(measures.active_change, 0)) over (
            partition by periods.brand, periods.period_length, periods.cohort_date order by periods.period_number
        ) as bigint) as active_customer_count,
        cast(coalesce(measures.net_revenue_amount, 0) as decimal(18, 2)) as net_revenue_amount,
        cast(sum(coalesce(measures.net_revenue_amount, 0)) over (
            partition by periods.brand, periods.period_length, periods.cohort_date order by periods.period_number
        ) as decimal(18, 2)) as cumulative_net_revenue_amount
    from periods
    cross join as_of
    left join measures
        on
            periods.brand = measures.brand
            and periods.period_length = measures.period_length
            and periods.cohort_date = measures.cohort_date
            and periods.period_number = measures.period_number
)

select * from int_cohort_periods
