-- One row per scope (channel, all), cohort of first purchase, acquisition channel and number of months since, up to the
-- month of the as-of date: the month's money, and what has come together since the first purchase.
{% set cohort = 'scope, brand, cohort_month, acquisition_channel' %}
with

as_of as (
    select as_of_date from {{ ref('stg_calendar__as_of_date') }}
),

measures as (
    select * from {{ ref('int_cohort_economics_measures') }}
),

costs as (
    select * from {{ ref('int_cohort_acquisition_costs') }}
),

reported_from as (
    select brand, min(cohort_month) as first_month from costs
    group by brand
),

cohorts as (
    -- spend that won nobody is spend all the same
    select {{ cohort }} from measures
    {{ union_distinct() }}
    select {{ cohort }} from costs
),

cells as (
    select
        cohorts.scope,
        cohorts.brand,
        cohorts.cohort_month,
        cohorts.acquisition_channel,
        as_of.as_of_date,
        {{ unnest_integers('0', periods_between('month', 'cohorts.cohort_month', 'as_of.as_of_date') ~ ' + 1') }}
            as period_number
    from cohorts
    cross join as_of
    {{ join_integers('0', periods_between('month', 'cohorts.cohort_month', 'as_of.as_of_date') ~ ' + 1') }}
),

int_cohort_economics_cells as (
    select
        cells.scope,
        cells.brand,
        cells.cohort_month,
        cells.acquisition_channel,
        cells.period_number,
        cast(sum(coalesce(measures.customer_count, 0)) over (
            partition by cells.scope, cells.brand, cells.cohort_month, cells.acquisition_channel
        ) as bigint) as customer_count,
        cast(
            case when reported_from.first_month <= cells.cohort_month then coalesce(costs.acquisition_cost, 0) end
            as decimal(18, 2)
        ) as acquisition_cost,
        cast(coalesce(measures.net_revenue_amount, 0) as decimal(18, 2)) as net_revenue_amount,
        cast(case
            when coalesce(measures.movement_count, 0) = 0 or measures.costed_movement_count > 0
                then coalesce(measures.margin_amount, 0)
        end as decimal(18, 2)) as margin_amount,
        {% for amount in ['net_revenue_amount', 'costed_net_revenue_amount', 'margin_amount'] %}
        cast(sum(coalesce(measures.{{ amount }}, 0)) over (
            partition by cells.scope, cells.brand, cells.cohort_month, cells.acquisition_channel order by cells.period_number
        ) as decimal(18, 2)) as cumulative_{{ amount }},
        {% endfor %}
        cast(sum(coalesce(measures.costed_movement_count, 0)) over (
            partition by cells.scope, cells.brand, cells.cohort_month, cells.acquisition_channel order by cells.period_number
        ) as bigint) as cumulative_costed_movement_count,
        {{ add_months('cells.cohort_month', 'cells.period_number + 1') }} > cells.as_of_date as is_latest,
        {{ add_months('cells.cohort_month', 'cells.period_number + 1') }} <= {{ add_days('cells.as_of_date', 1) }}
            as is_mature
    from cells
    left join measures
        on
            cells.scope = measures.scope
            and cells.brand = measures.brand
            and cells.cohort_month = measures.cohort_month
            and cells.acquisition_channel = measures.acquisition_channel
            and cells.period_number = measures.period_number
    left join costs
        on
            cells.scope = costs.scope
            and cells.brand = costs.brand
            and cells.cohort_month = costs.cohort_month
            and cells.acquisition_channel = costs.acquisition_channel
    left join reported_from on cells.brand = reported_from.brand
)

select * from int_cohort_economics_cells
