-- Whatever brings a stay about may only lead where the seed stage_transitions says; a purchase never makes a prospect,
-- silence never a customer. Stays that are scheduled count as well: they are to come about by time alone.
with

reasons as (
    select
        customer_key,
        valid_from,
        case blame_order
            when 1 then 'link'
            when 2 then 'reversal'
            when 3 then 'purchase'
            when 4 then 'coverage_end'
            when 5 then 'advocacy'
            when 6 then 'engagement'
            when 7 then 'touchpoint'
            when 8 then 'time_out'
        end as reason
    from {{ ref('int_stay_causes') }}
    where cause_number = 1
)

select
    stays.customer_key,
    stays.valid_from,
    stays.previous_stage,
    stays.stage,
    reasons.reason
from {{ ref('int_customer_stays') }} as stays
left join reasons on stays.customer_key = reasons.customer_key and stays.valid_from = reasons.valid_from
left join {{ ref('stage_transitions') }} as allowed
    on
        coalesce(stays.previous_stage, 'new') = allowed.from_stage
        and stays.stage = allowed.to_stage
        and reasons.reason = allowed.reason
where
    allowed.reason is null
    or (stays.is_scheduled and reasons.reason not in ('time_out', 'coverage_end'))
