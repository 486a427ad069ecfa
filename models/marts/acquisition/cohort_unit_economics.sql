-- One row per month of first purchase, acquisition channel and number of months since.
with

cohort_periods as (
    select * from {{ ref('customer_lifecycle', 'int_cohort_economics') }}
    where scope = 'channel'
),

cohort_unit_economics as (
    select
        brand,
        cohort_month,
        acquisition_channel,
        period_number,
        customer_count,
        net_revenue_amount,
        margin_amount,
        cumulative_net_revenue_amount,
        cumulative_costed_net_revenue_amount,
        cost_coverage_rate,
        cumulative_margin_amount,
        cumulative_margin_per_customer,
        acquisition_cost,
        customer_acquisition_cost,
        ltv_to_cac,
        payback_month,
        is_latest,
        is_mature,
        cast('{{ setting("reporting_currency") | upper }}' as {{ text_type() }}) as currency
    from cohort_periods
)

select * from cohort_unit_economics
