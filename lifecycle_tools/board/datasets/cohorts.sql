-- Customers by the month of their first purchase, and what they do in the months after it.
select
    brand, ${currency}cohort_month as month, period_number::varchar as period_number,
    cohort_customer_count, eligible_customer_count,
    case when is_mature then purchasing_customer_count end as purchasing_customer_count,
    case when is_mature then active_customer_count end as active_customer_count,
    case when is_mature then unbounded_retained_customer_count end as retained_customer_count,
    is_mature
from marts.retention_cohorts_monthly
