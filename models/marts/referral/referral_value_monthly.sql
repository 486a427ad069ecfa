-- One row per month of first purchase and whether a referral won the customers.
with

as_of as (
    select as_of_date from {{ ref('stg_calendar__as_of_date') }}
),

purchases as (
    select * from {{ ref('int_customer_purchase_history') }}
    where purchase_date = first_purchase_date
),

referrals as (
    select * from {{ ref('int_referral_results') }}
    where has_won_customer
),

customers as (
    select
        purchases.brand,
        purchases.customer_key,
        purchases.first_purchase_date,
        referrals.referral_id is not null as is_referred
    from purchases
    left join referrals
        on
            purchases.customer_key = referrals.referred_customer_key
            and purchases.first_purchase_date = referrals.converted_date
),

revenues as (
    select
        customers.customer_key,
        sum(movements.standing_change) as order_count,
        sum(movements.net_revenue_amount) as net_revenue_amount,
        sum(case when movements.margin_amount is not null then movements.net_revenue_amount end)
            as costed_net_revenue_amount,
        sum(movements.margin_amount) as margin_amount
    from customers
    inner join {{ ref('int_margin_movements') }} as movements
        on
            customers.customer_key = movements.customer_key
            and customers.first_purchase_date <= movements.ordered_date
    group by customers.customer_key
),

sides as (
    select
        customers.brand,
        {{ period_start('month', 'customers.first_purchase_date') }} as cohort_month,
        customers.is_referred,
        count(*) as customer_count,
        sum(revenues.order_count) as order_count,
        sum(revenues.net_revenue_amount) as net_revenue_amount,
        sum(revenues.costed_net_revenue_amount) as costed_net_revenue_amount,
        sum(revenues.margin_amount) as margin_amount
    from customers
    left join revenues on customers.customer_key = revenues.customer_key
    group by
        customers.brand, {{ period_start('month', 'customers.first_purchase_date') }}, customers.is_referred
),

cohorts as (
    -- both rows of a cohort stand, even where nobody is on one of them
    {% for is_referred in ['true', 'false'] %}
    select
        brand,
        cohort_month,
        {{ is_referred }} as is_referred,
        sum(customer_count) as cohort_customer_count
    from sides
    group by brand, cohort_month
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

cells as (
    select
        cohorts.brand,
        cohorts.cohort_month,
        cohorts.is_referred,
        cohorts.cohort_customer_count,
        coalesce(sides.customer_count, 0) as customer_count,
        coalesce(sides.order_count, 0) as order_count,
        coalesce(sides.net_revenue_amount, 0) as net_revenue_amount,
        coalesce(sides.costed_net_revenue_amount, 0) as costed_net_revenue_amount,
        sides.margin_amount,
        {{ add_months('cohorts.cohort_month', 1) }} <= {{ add_days('as_of.as_of_date', 1) }} as is_mature
    from cohorts
    cross join as_of
    left join sides
        on
            cohorts.brand = sides.brand
            and cohorts.cohort_month = sides.cohort_month
            and cohorts.is_referred = sides.is_referred
),

referral_value_monthly as (
    select
        brand,
        cohort_month,
        is_referred,
        cast(customer_count as bigint) as customer_count,
        cast(cohort_customer_count as bigint) as cohort_customer_count,
        case when is_mature then {{ ratio_of('customer_count', 'cohort_customer_count') }} end as customer_share,
        cast(order_count as bigint) as order_count,
        cast(net_revenue_amount as decimal(18, 2)) as net_revenue_amount,
        {{ ratio_of('net_revenue_amount', 'customer_count') }} as net_revenue_per_customer,
        cast(costed_net_revenue_amount as decimal(18, 2)) as costed_net_revenue_amount,
        {{ ratio_of('costed_net_revenue_amount', 'net_revenue_amount') }} as cost_coverage_rate,
        cast(margin_amount as decimal(18, 2)) as margin_amount,
        {{ ratio_of('margin_amount', 'customer_count') }} as margin_per_customer,
        is_mature
    from cells
)

select * from referral_value_monthly
