-- One row per length of period (month, week), cohort of first purchase and number of periods since, up to the period of the
-- as-of date; cells in which nothing happens are kept.
with

as_of as (
    select as_of_date from {{ ref('stg_calendar__as_of_date') }}
),

measures as (
    select * from {{ ref('int_cohort_measures') }}
),

{% for period in ['month', 'week'] %}
{{ period }}_cells as (
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

dated_{{ period }}_cells as (
    select *, {{ add_periods(period, 'cohort_date', 'period_number + 1') }} as period_ends_before from {{ period }}_cells
),

{% endfor %}
cells as (
    select * from dated_month_cells
    union all
    select * from dated_week_cells
),

int_cohort_cells as (
    select
        cells.brand,
        cells.period_length,
        cells.cohort_date,
        cells.period_number,
        cells.cohort_customer_count,
        case
            when cells.period_ends_before <= {{ add_days('as_of.as_of_date', 1) }} then cells.cohort_customer_count else 0
        end
            as eligible_customer_count,
        coalesce(measures.purchasing_customer_count, 0) as purchasing_customer_count,
        cast(sum(coalesce(measures.last_purchase_count, 0)) over (
            partition by cells.brand, cells.period_length, cells.cohort_date order by cells.period_number desc
        ) as bigint) as unbounded_retained_customer_count,
        cast(sum(coalesce(measures.active_change, 0)) over (
            partition by cells.brand, cells.period_length, cells.cohort_date order by cells.period_number
        ) as bigint) as active_customer_count,
        cast(coalesce(measures.net_revenue_amount, 0) as decimal(18, 2)) as net_revenue_amount,
        cast(sum(coalesce(measures.net_revenue_amount, 0)) over (
            partition by cells.brand, cells.period_length, cells.cohort_date order by cells.period_number
        ) as decimal(18, 2)) as cumulative_net_revenue_amount
    from cells
    cross join as_of
    left join measures
        on
            cells.brand = measures.brand
            and cells.period_length = measures.period_length
            and cells.cohort_date = measures.cohort_date
            and cells.period_number = measures.period_number
)

select * from int_cohort_cells
