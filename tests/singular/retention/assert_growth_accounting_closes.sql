-- Every row closes and opens where the month before closed; else an entry or exit is missed, or counted under two names.
with

months as (
    select
        *,
        lag(closing_active, 1, 0) over (partition by brand order by month_date) as closing_before,
        lag(closing_mrr_amount, 1, 0) over (partition by brand order by month_date) as closing_mrr_before
    from {{ ref('customer_lifecycle', 'growth_accounting_monthly') }}
)

select
    brand,
    month_date
from months
where
    opening_active + new + reactivated - churned - reversed + merged_net <> closing_active
    or opening_active <> closing_before
    or opening_mrr_amount <> closing_mrr_before
    or opening_mrr_amount + new_mrr_amount + reactivated_mrr_amount + expansion_mrr_amount
    - contraction_mrr_amount - churned_mrr_amount <> closing_mrr_amount
