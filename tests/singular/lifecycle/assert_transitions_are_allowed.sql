-- The pairs that are published are pairs of the seed: no stage follows itself, no customer leaves 'merged' or arrives
-- at 'new'.
select
    transitions.date_day,
    transitions.from_stage,
    transitions.to_stage
from {{ ref('customer_lifecycle', 'stage_transitions_daily') }} as transitions
left join {{ ref('customer_lifecycle', 'stage_transitions') }} as allowed
    on transitions.from_stage = allowed.from_stage and transitions.to_stage = allowed.to_stage
where allowed.reason is null
