-- One row per dimension, value, cohort of first purchase by calendar month and number of months since, up to the month of
-- the as-of date, with what has come together since the first purchase; cells in which nothing happens are kept.
{% set cell = ['brand', 'dimension', 'dimension_value', 'cohort_month'] %}
{% set months_since = periods_between('month', 'cohorts.cohort_month', 'cohorts.as_of_date') %}
{% set so_far = 'partition by ' ~ cell | join(', ') ~ ' order by period_number' %}
{% set amounts = ['revenue', 'refunded_revenue', 'costed_net_revenue', 'margin'] %}
with

months as (
    select * from {{ ref('customer_lifecycle', 'int_cohort_dimension_months') }}
),

cohorts as (
    -- a customer buys in the first month of its cohort
    select
        {% for name in cell %}months.{{ name }}, {% endfor %}
        months.purchasing_customer_count as cohort_customer_count, as_of.as_of_date
    from months
    cross join {{ ref('customer_lifecycle', 'as_of_date') }} as as_of
    where months.period_number = 0
),

periods as (
    select
        cohorts.*,
        {{ unnest_integers('0', months_since ~ ' + 1') }} as period_number
    from cohorts
    {{ join_integers('0', months_since ~ ' + 1') }}
),

cells as (
    select
        periods.*,
        {{ add_months('periods.cohort_month', 'periods.period_number + 1') }}
        <= {{ add_days('periods.as_of_date', 1) }} as is_mature,
        {% for count in ['purchasing_customer', 'reactivation', 'order', 'second_purchase', 'entry', 'costed_entry'] %}
        coalesce(months.{{ count }}_count, 0) as {{ count }}_count,
        {% endfor %}
        {% for amount in amounts %}
        coalesce(months.{{ amount }}_amount, 0) as {{ amount }}_amount,
        {% endfor %}
        coalesce(months.order_revenue_amount, 0) as order_revenue_amount,
        coalesce(months.active_change, 0) as active_change
    from periods
    left join months
        on
            {% for name in cell %}periods.{{ name }} = months.{{ name }} and {% endfor %}
            periods.period_number = months.period_number
),

int_cohort_dimension_periods as (
    select
        *,
        {% for amount in amounts %}
        sum({{ amount }}_amount) over ({{ so_far }}) as cumulative_{{ amount }}_amount,
        {% endfor %}
        sum(active_change) over ({{ so_far }}) as active_customer_count,
        sum(second_purchase_count) over ({{ so_far }}) as repurchased_customer_count,
        sum(costed_entry_count) over ({{ so_far }}) as cumulative_costed_entry_count
    from cells
)

select * from int_cohort_dimension_periods
