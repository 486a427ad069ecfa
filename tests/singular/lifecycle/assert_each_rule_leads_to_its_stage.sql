-- The case that names the rule repeats the one that names the stage: the seed lifecycle_rules holds the two together.
select
    states.customer_key,
    states.valid_from,
    states.stage,
    states.rule
from {{ ref('customer_lifecycle', 'int_customer_state_intervals') }} as states
left join {{ ref('customer_lifecycle', 'lifecycle_rules') }} as rules
    on states.rule = rules.rule and states.stage = rules.stage
where rules.rule is null
