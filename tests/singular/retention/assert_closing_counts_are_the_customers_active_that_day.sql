-- The running sum of entries and exits must end, each month, at the number of periods in an active stage that cover its
-- last day.
with

closings as (
    select
        months.brand,
        months.month_date,
        months.closing_active,
        least({{ add_days(add_months('months.month_date', 1), -1) }}, as_of.as_of_date) as closing_date
    from {{ ref('customer_lifecycle', 'growth_accounting_monthly') }} as months
    cross join {{ ref('customer_lifecycle', 'as_of_date') }} as as_of
),

active_spells as (
    select
        customers.brand,
        spells.valid_from,
        spells.valid_to
    from {{ ref('customer_lifecycle', 'int_customer_stage_periods') }} as spells
    inner join {{ ref('customer_lifecycle', 'int_customers') }} as customers on spells.customer_key = customers.customer_key
    inner join {{ ref('customer_lifecycle', 'lifecycle_stages') }} as stages on spells.stage = stages.stage
    where stages.is_customer and stages.stage <> 'churned'
)

select
    closings.brand,
    closings.month_date,
    closings.closing_active,
    count(active_spells.brand) as active_count
from closings
left join active_spells
    on
        closings.brand = active_spells.brand
        and closings.closing_date >= active_spells.valid_from
        and closings.closing_date < active_spells.valid_to
group by closings.brand, closings.month_date, closings.closing_active
having closings.closing_active <> count(active_spells.brand)
