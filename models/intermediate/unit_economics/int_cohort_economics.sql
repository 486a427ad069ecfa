-- One row per scope (channel, all), cohort of first purchase, acquisition channel and number of months since: what the
-- cohort has brought, what it cost to win it, and whether the one has covered the other. All ratios are made here.
with

cells as (
    select
        *,
        case when cumulative_costed_movement_count > 0 then cumulative_margin_amount end as known_margin_amount,
        is_mature
        and customer_count > 0
        and cumulative_costed_movement_count > 0
        and cumulative_margin_amount >= acquisition_cost as has_paid_back
    from {{ ref('int_cohort_economics_cells') }}
),

int_cohort_economics as (
    select
        scope,
        brand,
        cohort_month,
        acquisition_channel,
        period_number,
        customer_count,
        net_revenue_amount,
        margin_amount,
        cumulative_net_revenue_amount,
        cumulative_costed_net_revenue_amount,
        {{ ratio_of('cumulative_costed_net_revenue_amount', 'cumulative_net_revenue_amount') }} as cost_coverage_rate,
        known_margin_amount as cumulative_margin_amount,
        case when is_mature then {{ ratio_of('known_margin_amount', 'customer_count') }} end
            as cumulative_margin_per_customer,
        acquisition_cost,
        -- the month of the first purchase is over once a later one has begun
        case when is_mature or period_number > 0 then {{ ratio_of('acquisition_cost', 'customer_count') }} end
            as customer_acquisition_cost,
        case when is_mature and customer_count > 0 then {{ ratio_of('known_margin_amount', 'acquisition_cost') }} end
            as ltv_to_cac,
        min(case when has_paid_back then period_number end) over (
            partition by scope, brand, cohort_month, acquisition_channel order by period_number
        ) as payback_month,
        is_latest,
        is_mature
    from cells
)

select * from int_cohort_economics
