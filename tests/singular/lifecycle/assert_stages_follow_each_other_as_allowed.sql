-- Whatever starts a stage period may only lead where the seed stage_transitions says; a purchase never makes a prospect,
-- silence never a customer. Scheduled stage periods count as well: only time may start them.
with

reasons as (
    select
        customer_key,
        valid_from,
        case cause_rank
            when 1 then 'link'
            when 2 then 'reversal'
            when 3 then 'purchase'
            when 4 then 'subscription_end'
            when 5 then 'advocacy'
            when 6 then 'engagement'
            when 7 then 'touchpoint'
            when 8 then 'time_out'
        end as reason
    from {{ ref('customer_lifecycle', 'int_stage_period_causes') }}
    where cause_number = 1
)

select
    spells.customer_key,
    spells.valid_from,
    spells.previous_stage,
    spells.stage,
    reasons.reason
from {{ ref('customer_lifecycle', 'int_customer_stage_periods') }} as spells
cross join {{ ref('customer_lifecycle', 'as_of_date') }} as as_of
left join reasons on spells.customer_key = reasons.customer_key and spells.valid_from = reasons.valid_from
left join {{ ref('customer_lifecycle', 'stage_transitions') }} as allowed
    on
        coalesce(spells.previous_stage, 'new') = allowed.from_stage
        and spells.stage = allowed.to_stage
        and reasons.reason = allowed.reason
where
    allowed.reason is null
    or (spells.valid_from > as_of.as_of_date and reasons.reason not in ('time_out', 'subscription_end'))
