-- What would 5 % more retention be worth?
-- One row per brand: the monthly retention rate of the last twelve complete months, that rate 5 % higher (at most 1),
-- and what today's active customers would bring in the twelve months to come at either: head-count x sum over the months
-- of rate to the power of the month x net revenue (or margin) per active customer and month. Revenue is that of
-- customers won in earlier months, so that a month's new business does not count as kept. extra_net_revenue_amount is
-- the answer; extra_margin_amount is the part of it left after unit costs, null where no costs are known. It says what
-- retention is worth, not what it costs.
{% set uplift = 1.05 %}
{% set months = 12 %}
with

churn as (
    select * from {{ ref('customer_lifecycle', 'churn_monthly') }}
    where is_mature
),

last_months as (
    select brand, max(month_date) as last_month from churn
    group by brand
),

retention as (
    select
        churn.brand,
        last_months.last_month,
        sum(churn.active_at_start_count) as active_months,
        sum(churn.retained_count) as retained_months
    from churn
    inner join last_months
        on
            churn.brand = last_months.brand
            and churn.month_date > {{ add_months('last_months.last_month', -months) }}
    group by churn.brand, last_months.last_month
),

revenue as (
    select
        economics.brand,
        sum(economics.net_revenue_amount) as net_revenue_amount,
        sum(economics.margin_amount) as margin_amount
    from {{ ref('customer_lifecycle', 'cohort_unit_economics_blended') }} as economics
    inner join last_months
        on
            economics.brand = last_months.brand
            and {{ add_months('economics.cohort_month', 'economics.period_number') }} <= last_months.last_month
            and {{ add_months('economics.cohort_month', 'economics.period_number') }}
            > {{ add_months('last_months.last_month', -months) }}
    where economics.period_number > 0
    group by economics.brand
),

active_customers as (
    select customers.brand, count(*) as active_customer_count
    from {{ ref('customer_lifecycle', 'lifecycle_customers') }} as customers
    inner join {{ ref('customer_lifecycle', 'lifecycle_stages') }} as stages on customers.current_stage = stages.stage
    where stages.is_customer and stages.stage <> 'churned'
    group by customers.brand
),

rates as (
    select
        retention.brand,
        active_customers.active_customer_count,
        {{ ratio_of('retention.retained_months', 'retention.active_months') }} as retention_rate,
        least(1.0, {{ uplift }} * {{ ratio_of('retention.retained_months', 'retention.active_months') }}) as higher_rate,
        {{ ratio_of('revenue.net_revenue_amount', 'retention.active_months') }} as net_revenue_per_month,
        {{ ratio_of('revenue.margin_amount', 'retention.active_months') }} as margin_per_month
    from retention
    inner join revenue on retention.brand = revenue.brand
    inner join active_customers on retention.brand = active_customers.brand
),

kept as (
    -- customer-months to come: the sum of rate, rate^2, ... rate^12
    select
        *,
        active_customer_count * case
            when retention_rate = 1 then {{ months }}
            else retention_rate * (1 - power(retention_rate, {{ months }})) / (1 - retention_rate)
        end as kept_months,
        active_customer_count * case
            when higher_rate = 1 then {{ months }}
            else higher_rate * (1 - power(higher_rate, {{ months }})) / (1 - higher_rate)
        end as higher_kept_months
    from rates
)

select
    brand,
    active_customer_count,
    retention_rate,
    higher_rate,
    net_revenue_per_month,
    margin_per_month,
    kept_months,
    higher_kept_months,
    cast((higher_kept_months - kept_months) * net_revenue_per_month as decimal(18, 2)) as extra_net_revenue_amount,
    cast((higher_kept_months - kept_months) * margin_per_month as decimal(18, 2)) as extra_margin_amount
from kept
order by brand
