-- One row per month of first purchase and number of months since, over all channels.
with

cells as (
    select * from {{ ref('int_cohort_economics') }}
    where scope = 'all'
),

cohort_unit_economics_blended as (
    select
        brand,
        cohort_month,
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
        is_mature
    from cells
)

select * from cohort_unit_economics_blended
