-- An order that counts costs what its items cost, one that counts no longer nothing; its margin is what is left of its net
-- revenue, and both are unknown where the costs of an item are. Items and refunds must not multiply any of it.
select amounts.order_id
from {{ ref('customer_lifecycle', 'int_order_amounts') }} as amounts
left join {{ ref('customer_lifecycle', 'int_order_unit_costs') }} as costs
    on amounts.brand = costs.brand and amounts.order_id = costs.order_id
where
    amounts.net_revenue_amount <> amounts.revenue_amount - amounts.refunded_revenue_amount
    or (amounts.unit_cost_amount is null) <> (costs.ordered_cost_amount is null)
    or amounts.unit_cost_amount <> case when amounts.is_valid then costs.ordered_cost_amount else 0 end
    or (amounts.unit_cost_amount is null) <> (amounts.margin_amount is null)
    or amounts.margin_amount <> amounts.net_revenue_amount - amounts.unit_cost_amount
