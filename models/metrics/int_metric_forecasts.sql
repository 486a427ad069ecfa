-- One row per metric, slice, month to come (up to December) and method: what the method says, and how far off it was in the
-- past at this distance. Each is tried in every past month on what was known then, six times or more. Sums are of decimals.
{{ config(schema='intermediate', contract={'enforced': false}) }}
{% set keys, zero = ['brand', 'metric_id', 'dimension_name', 'dimension_value'], "cast('2000-01-01' as date)" %}
{% set series, methods, exact = keys | join(', '), ['last_month', 'mean_of_three', 'year_before'], 'decimal(28, 9)' %}
{% set month = 'distances.month_number + distances.horizon_months' %}
{% set three = 'over (partition by ' ~ series ~ ' order by month_number rows between 2 preceding and current row)' %}
with

ends as (
    -- the December of this year, or of the next one when this is over
    select {{ periods_between('month', zero, period_start('year', add_days('as_of_date', 1))) }} + 11 as end_number
    from {{ ref('customer_lifecycle', 'as_of_date') }}
),

target_slices as (
    select distinct metric_id, dimension_name, dimension_value from {{ seed('lifecycle_targets') }}
),

months as (
    select
        metrics.*, {{ periods_between('month', zero, 'metrics.month_date') }} as month_number,
        case when metrics.is_ratio then {{ ratio_of('metrics.numerator', 'metrics.denominator') }} else metrics.numerator end
            as value
    from {{ ref('customer_lifecycle', 'int_metric_values') }} as metrics
    left join target_slices as slices
        on {% for key in keys[1:] %}metrics.{{ key }} = slices.{{ key }} and {% endfor %}metrics.is_mature
    where metrics.is_mature and (metrics.dimension_name = 'all' or slices.metric_id is not null)
),

origins as (
    select
        *, max(month_number) over (partition by {{ series }}) as last_number,
        -- three months in a row that all have a value; of a ratio the sums of both sides
        case
            when count(value) {{ three }} = 3 and month_number - min(month_number) {{ three }} = 2
                then
                    cast(sum(cast(numerator as {{ exact }})) {{ three }} as {{ double_type() }})
                    / case when is_ratio then sum(cast(denominator as {{ exact }})) {{ three }} else 3 end
        end as mean_of_three
    from months
),

distances as (
    select origins.*, {{ unnest_integers('1', '25') }} as horizon_months from origins {{ join_integers('1', '25') }}
),

tries as (
    select
        distances.*, distances.value as last_month, outcomes.value as actual_value,
        case when distances.horizon_months <= 12 then past.value end as year_before,
        distances.month_number = distances.last_number as is_latest
    from distances
    cross join ends
    left join months as outcomes
        on {% for key in keys %}distances.{{ key }} = outcomes.{{ key }} and {% endfor %}{{ month }} = outcomes.month_number
    left join months as past
        on {% for key in keys %}distances.{{ key }} = past.{{ key }} and {% endfor %}{{ month }} - 12 = past.month_number
    where distances.month_number < distances.last_number or {{ month }} <= ends.end_number
),

candidates as (
    {% for method in methods -%}{% set error = 'abs(' ~ method ~ ' - actual_value)' -%}
    select
        {{ series }}, is_ratio or is_balance as is_of_month, horizon_months, '{{ method }}' as method,
        max(case when is_latest then month_date end) as known_to_month, count({{ error }}) as backtest_count,
        max(case when is_latest then {{ method }} end) as forecast_value,
        {{ ratio_of('sum(cast(' ~ error ~ ' as ' ~ exact ~ '))', 'count(' ~ error ~ ')') }} as mean_absolute_error,
        {{ percentile_of(error, 0.8) }} as band_width
    from tries
    group by {{ series }}, is_ratio or is_balance, horizon_months
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

int_metric_forecasts as (
    select
        *, {{ add_months('known_to_month', 'horizon_months') }} as month_date,
        backtest_count >= 6 and forecast_value is not null as is_usable,
        row_number() over (
            partition by {{ series }}, horizon_months
            -- methods that are equally far off differ in the last digits, and so do engines
            order by
                case when backtest_count >= 6 and forecast_value is not null then 0 else 1 end,
                cast(mean_absolute_error as decimal(28, 6)), method
        ) as method_rank
    from candidates
    where known_to_month is not null
)

select * from int_metric_forecasts
