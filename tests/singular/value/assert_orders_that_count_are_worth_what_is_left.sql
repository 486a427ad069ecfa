-- Net revenue is never below zero nor above revenue, and nothing is left of an order that counts no longer: a cent too many
-- would remain in every sum for ever.
select
    brand,
    order_id
from {{ ref('customer_lifecycle', 'int_order_amounts') }}
where
    net_revenue_amount < 0
    or net_revenue_amount > revenue_amount
    or (not is_valid and net_revenue_amount <> 0)
