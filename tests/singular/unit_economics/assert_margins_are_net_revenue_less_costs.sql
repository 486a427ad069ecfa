-- Every order of the revenue side has one margin, of the same net revenue: items and refunds must not multiply it. What
-- comes and goes day by day adds up to what the order has cost by the as-of date.
with

movements as (
    select
        brand,
        order_id,
        sum(standing_change) as standing,
        sum(unit_cost_amount) as unit_cost_amount,
        sum(margin_amount) as margin_amount
    from {{ ref('int_margin_movements') }}
    where order_id is not null
    group by brand, order_id
)

select coalesce(amounts.order_id, margins.order_id) as order_id
from {{ ref('int_order_amounts') }} as amounts
full outer join {{ ref('int_order_margins') }} as margins
    on amounts.brand = margins.brand and amounts.order_id = margins.order_id
left join movements on margins.brand = movements.brand and margins.order_id = movements.order_id
where
    amounts.order_id is null
    or margins.order_id is null
    or movements.order_id is null
    or amounts.net_revenue_amount <> margins.net_revenue_amount
    or movements.standing <> case when margins.is_valid then 1 else 0 end
    or coalesce(movements.unit_cost_amount, -1) <> coalesce(margins.unit_cost_amount, -1)
    or coalesce(movements.margin_amount, -1) <> coalesce(margins.margin_amount, -1)
    or (margins.unit_cost_amount is null) <> (margins.margin_amount is null)
    or margins.margin_amount <> margins.net_revenue_amount - margins.unit_cost_amount
