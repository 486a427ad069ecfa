-- Whom to call before they churn?
-- One row per customer at risk who consents, the most valuable first: what it is expected to bring in the coming year
-- (predicted_clv_365d, null where nothing is predicted) or has brought so far, how likely it is to still be a customer
-- (p_alive), and the day on which it churns if it does nothing. Call from the top; below a p_alive of about a half a
-- win-back offer is the better use of time.
with

at_risk as (
    select * from {{ ref('customer_lifecycle', 'lifecycle_audiences') }}
    where audience = 'at_risk'
)

select
    at_risk.brand,
    at_risk.customer_id,
    at_risk.stage,
    at_risk.since_date as at_risk_from,
    at_risk.next_scheduled_date as churns_on,
    customer_value.p_alive,
    customer_value.predicted_clv_365d,
    at_risk.net_revenue_amount,
    at_risk.last_purchase_date
from at_risk
left join {{ ref('customer_lifecycle', 'customer_value') }} as customer_value
    on at_risk.brand = customer_value.brand and at_risk.customer_id = customer_value.customer_id
order by
    at_risk.brand asc,
    coalesce(customer_value.predicted_clv_365d, at_risk.net_revenue_amount) desc,
    at_risk.customer_id asc
