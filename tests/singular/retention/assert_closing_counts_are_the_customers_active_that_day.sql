-- The running sum of entries and exits must end, each month, at the number of stays in an active stage that cover its
-- last day.
with

closings as (
    select
        months.brand,
        months.month_date,
        months.closing_active,
        least({{ add_days(add_months('months.month_date', 1), -1) }}, as_of.as_of_date) as closing_date
    from {{ ref('growth_accounting_monthly') }} as months
    cross join {{ ref('stg_calendar__as_of_date') }} as as_of
),

active_stays as (
    select
        customers.brand,
        stays.valid_from,
        stays.valid_to
    from {{ ref('int_customer_stays') }} as stays
    inner join {{ ref('int_customers') }} as customers on stays.customer_key = customers.customer_key
    inner join {{ ref('lifecycle_stages') }} as stages on stays.stage = stages.stage
    where stages.is_customer and stages.stage <> 'churned'
)

select
    closings.brand,
    closings.month_date,
    closings.closing_active,
    count(active_stays.brand) as active_count
from closings
left join active_stays
    on
        closings.brand = active_stays.brand
        and closings.closing_date >= active_stays.valid_from
        and closings.closing_date < active_stays.valid_to
group by closings.brand, closings.month_date, closings.closing_active
having closings.closing_active <> count(active_stays.brand)
