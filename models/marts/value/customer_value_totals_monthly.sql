-- One row per month and dimensions with customers who have bought by its end: what they have been worth by then and, on the
-- row of the as-of date's month, may be worth in the year to come. Balances are running sums of changes.
{% set dimensions = ['brand', 'acquisition_channel', 'country_code', 'segment'] %}
{% set dimension_list = dimensions | join(', ') %}
{% set month_after = add_months(period_start('month', 'as_of.as_of_date'), 1) %}
{% set months_until_next = periods_between('month', 'month_date', 'coalesce(next_month, ' ~ month_after ~ ')') %}
with

customers as (
    select * from {{ ref('customer_lifecycle', 'customer_value') }}
),

first_months as (
    select brand, customer_id, min(month_date) as first_month
    from {{ ref('customer_lifecycle', 'customer_value_monthly') }}
    group by brand, customer_id
),

changes as (
    select
        {% for dimension in dimensions %}customers.{{ dimension }}, {% endfor %}
        value_months.month_date,
        sum(case when value_months.month_date = first_months.first_month then 1 else 0 end) as customer_change,
        sum(value_months.net_revenue_amount) as net_revenue_amount
    from {{ ref('customer_lifecycle', 'customer_value_monthly') }} as value_months
    inner join first_months
        on value_months.brand = first_months.brand and value_months.customer_id = first_months.customer_id
    inner join customers
        on value_months.brand = customers.brand and value_months.customer_id = customers.customer_id
    group by {% for dimension in dimensions %}customers.{{ dimension }}, {% endfor %}value_months.month_date
),

balances as (
    select
        {{ dimension_list }}, month_date,
        sum(customer_change) over (partition by {{ dimension_list }} order by month_date) as customer_count,
        sum(net_revenue_amount) over (partition by {{ dimension_list }} order by month_date)
            as cumulative_net_revenue_amount,
        lead(month_date) over (partition by {{ dimension_list }} order by month_date) as next_month
    from changes
),

numbers as (
    select
        balances.*, as_of.as_of_date,
        {{ unnest_integers('0', months_until_next) }} as month_number
    from balances
    cross join {{ ref('customer_lifecycle', 'as_of_date') }} as as_of
    {{ join_integers('0', months_until_next) }}
),

months as (
    select *, {{ add_months('month_date', 'month_number') }} as value_month
    from numbers
),

predictions as (
    select
        {{ dimension_list }},
        count(predicted_clv_365d) as predicted_customer_count,
        sum(predicted_clv_365d) as predicted_clv_365d_amount
    from customers
    group by {{ dimension_list }}
),

customer_value_totals_monthly as (
    select
        {% for dimension in dimensions %}months.{{ dimension }}, {% endfor %}
        months.value_month as month_date,
        cast(months.customer_count as bigint) as customer_count,
        cast(months.cumulative_net_revenue_amount as decimal(18, 2)) as cumulative_net_revenue_amount,
        {{ ratio_of('months.cumulative_net_revenue_amount', 'months.customer_count') }} as mean_customer_value,
        cast(predictions.predicted_customer_count as bigint) as predicted_customer_count,
        cast(predictions.predicted_clv_365d_amount as decimal(18, 2)) as predicted_clv_365d_amount,
        {{ ratio_of('predictions.predicted_clv_365d_amount', 'predictions.predicted_customer_count') }}
            as mean_predicted_clv_365d,
        {{ add_months('months.value_month', 1) }} <= {{ add_days('months.as_of_date', 1) }} as is_mature,
        cast('{{ setting("reporting_currency") | upper }}' as {{ text_type() }}) as currency
    from months
    left join predictions
        on
            {% for dimension in dimensions %}months.{{ dimension }} = predictions.{{ dimension }} and {% endfor %}
            months.value_month = {{ period_start('month', 'months.as_of_date') }}
)

select * from customer_value_totals_monthly
