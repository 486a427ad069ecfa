-- One row per cohort of customers by the calendar month of their first purchase, and number of months since.
with

cohort_periods as (
    select * from {{ ref('customer_lifecycle', 'int_cohort_periods') }}
    where period_length = 'month'
),

retention_cohorts_monthly as (
    select
        brand,
        cohort_date as cohort_month,
        period_number,
        cohort_customer_count,
        eligible_customer_count,
        purchasing_customer_count,
        {{ ratio_of('purchasing_customer_count', 'eligible_customer_count') }} as purchasing_customer_rate,
        unbounded_retained_customer_count,
        {{ ratio_of('unbounded_retained_customer_count', 'eligible_customer_count') }} as unbounded_retained_customer_rate,
        active_customer_count,
        {{ ratio_of('active_customer_count', 'eligible_customer_count') }} as active_customer_rate,
        net_revenue_amount,
        {{ ratio_of('net_revenue_amount', 'eligible_customer_count') }} as net_revenue_per_customer,
        cumulative_net_revenue_amount,
        {{ ratio_of('cumulative_net_revenue_amount', 'eligible_customer_count') }} as cumulative_net_revenue_per_customer,
        eligible_customer_count > 0 as is_mature,
        cast('{{ setting("reporting_currency") | upper }}' as {{ text_type() }}) as currency
    from cohort_periods
)

select * from retention_cohorts_monthly
