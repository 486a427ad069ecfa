-- One row per metric, slice and period to come, a month or the year: the forecast, its band, and the errors of the past.
{% set keys = ['brand', 'metric_id', 'dimension_name', 'dimension_value'] %}
{% set sum_of = 'cast(sum(cast({} as decimal(28, 9))) as ' ~ double_type() ~ ')' %}
{% set series, next_day = keys | join(', '), add_days('as_of.as_of_date', 1) %}
{% set month_after, month_end = add_months('forecasts.month_date', 1), add_months('months.month_date', 1) %}
{% set year, is_complete = period_start('year', 'months.month_date'), 'count(months.forecast_value) = count(*)' %}
{% set is_running = 'forecasts.horizon_months = 1 and not forecasts.is_of_month and forecasts.month_date < ' ~ next_day
    ~ ' and ' ~ next_day ~ ' < ' ~ month_after %}
with

metrics as (
    select *, {{ period_start('year', 'month_date') }} as year_date from {{ ref('customer_lifecycle', 'int_metric_values') }}
),

chosen as (
    select
        forecasts.*,
        -- of the running month, where it is summed over days, a part is there: the forecast is about the rest
        case when {{ is_running }} then coalesce(today.numerator, 0) end as value_to_date,
        {{ ratio_of(days_between(next_day, month_after), days_between('forecasts.month_date', month_after)) }} as share_left
    from {{ ref('customer_lifecycle', 'int_metric_forecasts') }} as forecasts
    cross join {{ ref('customer_lifecycle', 'as_of_date') }} as as_of
    left join metrics as today
        on {% for key in keys %}forecasts.{{ key }} = today.{{ key }} and {% endfor %}forecasts.month_date = today.month_date
    where forecasts.method_rank = 1
),

months as (
    select
        {{ series }}, 'month' as period, month_date, month_date as period_date, is_of_month, known_to_month, horizon_months,
        value_to_date, case when is_usable then method end as method,
        case
            when is_usable
                then forecast_value * case when value_to_date is null then 1 else share_left end + coalesce(value_to_date, 0)
        end as forecast_value,
        case when is_usable then band_width * case when value_to_date is null then 1 else sqrt(share_left) end end
            as band_width,
        case when is_usable then backtest_count end as backtest_count,
        case when is_usable then mean_absolute_error end as mean_absolute_error
    from chosen
),

known as (
    select {{ series }}, year_date, {{ sum_of.format('numerator') }} as amount from metrics
    where is_mature
    group by {{ series }}, year_date
),

periods as (
    select
        {{ series }}, period, period_date, known_to_month, horizon_months, method, value_to_date, forecast_value, band_width,
        backtest_count, mean_absolute_error
    from months
    union all
    -- of what is summed over months the year, with the widest band that those of its months can be together
    select
        {% for key in keys %}months.{{ key }}, {% endfor %}'year', {{ year }},
        max(months.known_to_month), max(months.horizon_months),
        case when {{ is_complete }} then 'sum_of_months' end,
        coalesce(max(known.amount), 0) + coalesce({{ sum_of.format('months.value_to_date') }}, 0),
        case when {{ is_complete }} then coalesce(max(known.amount), 0) + {{ sum_of.format('months.forecast_value') }} end,
        {{ sum_of.format('months.band_width') }}, case when {{ is_complete }} then min(months.backtest_count) end, null
    from months
    left join known
        on {% for key in keys %}months.{{ key }} = known.{{ key }} and {% endfor %}{{ year }} = known.year_date
    where not months.is_of_month
    group by {% for key in keys %}months.{{ key }}, {% endfor %}{{ year }}
),

targets as (
    {{ targets_of('months') }}
),

scheduled as (
    -- active on the last day of the month if no customer does anything more
    select months.brand, months.month_date, count(*) as scheduled_count
    from months
    inner join {{ ref('customer_lifecycle', 'customer_stage_intervals') }} as intervals
        on
            months.brand = intervals.brand and intervals.valid_from < {{ month_end }}
            and coalesce(intervals.valid_to >= {{ month_end }}, true)
    inner join {{ ref('customer_lifecycle', 'lifecycle_stages') }} as stages on intervals.stage = stages.stage
    where
        months.metric_id = 'active_customers' and months.dimension_name = 'all'
        and stages.is_customer and intervals.stage <> 'churned'
    group by months.brand, months.month_date
),

metric_forecasts as (
    select
        {% for key in keys %}periods.{{ key }}, {% endfor %}
        periods.period, periods.period_date, periods.known_to_month,
        cast(periods.horizon_months as integer) as horizon_months,
        periods.method, periods.value_to_date, periods.forecast_value,
        case
            when periods.forecast_value < periods.band_width and catalogue.unit in ('count', 'rate') then 0
            else periods.forecast_value - periods.band_width
        end as lower_value,
        periods.forecast_value + periods.band_width as upper_value,
        cast(periods.backtest_count as bigint) as backtest_count, periods.mean_absolute_error,
        cast(case
            when periods.period = 'month' and periods.metric_id = 'active_customers' and periods.dimension_name = 'all'
                then coalesce(scheduled.scheduled_count, 0)
        end as bigint) as scheduled_count,
        targets.target,
        case when periods.forecast_value is null then 'too_short' end as reason
    from periods
    inner join {{ ref('customer_lifecycle', 'metric_catalogue') }} as catalogue on periods.metric_id = catalogue.metric_id
    left join targets
        on
            {% for key in keys %}periods.{{ key }} = targets.{{ key }} and {% endfor %}
            periods.period_date = targets.month_date and periods.period = 'month'
    left join scheduled on periods.brand = scheduled.brand and periods.period_date = scheduled.month_date
)

select * from metric_forecasts
