-- One row per month of first purchase and whether a referral won the customers. A brand that has no referrals, or never
-- sends them, has no share of referred customers.
with

referring_brands as (
    select distinct brand from {{ ref('customer_lifecycle', 'stg_referral__referrals') }}
),

customers as (
    select
        purchases.brand, purchases.customer_key, purchases.first_purchase_date,
        {{ period_start('month', 'purchases.first_purchase_date') }} as cohort_month,
        referrals.referral_id is not null as is_referred
    from {{ ref('customer_lifecycle', 'int_customer_purchase_history') }} as purchases
    left join {{ ref('customer_lifecycle', 'int_referral_results') }} as referrals
        on
            referrals.has_won_customer and purchases.customer_key = referrals.referred_customer_key
            and purchases.first_purchase_date = referrals.converted_date
    where purchases.purchase_date = purchases.first_purchase_date
),

revenues as (
    select
        customers.customer_key,
        sum(entries.standing_change) as order_count,
        sum(entries.net_revenue_amount) as net_revenue_amount, sum(entries.margin_amount) as margin_amount,
        sum(case when entries.margin_amount is not null then entries.net_revenue_amount end) as costed_net_revenue_amount
    from customers
    inner join {{ ref('customer_lifecycle', 'int_revenue_entries') }} as entries
        on customers.customer_key = entries.customer_key and customers.first_purchase_date <= entries.ordered_date
    group by customers.customer_key
),

sides as (
    select
        customers.brand, customers.cohort_month, customers.is_referred,
        count(*) as customer_count, sum(revenues.order_count) as order_count,
        sum(revenues.net_revenue_amount) as net_revenue_amount, sum(revenues.margin_amount) as margin_amount,
        sum(revenues.costed_net_revenue_amount) as costed_net_revenue_amount
    from customers
    left join revenues on customers.customer_key = revenues.customer_key
    group by customers.brand, customers.cohort_month, customers.is_referred
),

cohorts as (
    -- each cohort has both rows, even where one of the rows has no customers
    {% for is_referred in ['true', 'false'] %}
    select
        brand, cohort_month, {{ is_referred }} as is_referred,
        sum(customer_count) as cohort_customer_count
    from sides
    group by brand, cohort_month
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

cohort_periods as (
    select
        cohorts.*,
        coalesce(sides.customer_count, 0) as customer_count, coalesce(sides.order_count, 0) as order_count,
        coalesce(sides.net_revenue_amount, 0) as net_revenue_amount, sides.margin_amount,
        coalesce(sides.costed_net_revenue_amount, 0) as costed_net_revenue_amount,
        {{ add_months('cohorts.cohort_month', 1) }} <= {{ add_days('as_of.as_of_date', 1) }} as is_mature,
        referring_brands.brand is not null as has_referrals
    from cohorts
    left join referring_brands on cohorts.brand = referring_brands.brand
    cross join {{ ref('customer_lifecycle', 'as_of_date') }} as as_of
    left join sides
        on
            cohorts.brand = sides.brand
            and cohorts.cohort_month = sides.cohort_month and cohorts.is_referred = sides.is_referred
),

referral_value_monthly as (
    select
        brand, cohort_month, is_referred,
        cast(customer_count as bigint) as customer_count, cast(cohort_customer_count as bigint) as cohort_customer_count,
        case when is_mature and has_referrals then {{ ratio_of('customer_count', 'cohort_customer_count') }} end
            as customer_share,
        cast(order_count as bigint) as order_count, cast(net_revenue_amount as decimal(18, 2)) as net_revenue_amount,
        {{ ratio_of('net_revenue_amount', 'customer_count') }} as net_revenue_per_customer,
        cast(costed_net_revenue_amount as decimal(18, 2)) as costed_net_revenue_amount,
        {{ ratio_of('costed_net_revenue_amount', 'net_revenue_amount') }} as cost_coverage_rate,
        cast(margin_amount as decimal(18, 2)) as margin_amount,
        {{ ratio_of('margin_amount', 'customer_count') }} as margin_per_customer,
        is_mature,
        cast('{{ setting("reporting_currency") | upper }}' as {{ text_type() }}) as currency
    from cohort_periods
)

select * from referral_value_monthly
