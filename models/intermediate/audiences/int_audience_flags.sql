-- One row per customer and audience that flags decide, with the day since which the flags have held without a break:
-- at_risk, and referral_ask (loyal, no recommendation lately). A customer at risk is not asked for a referral.
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

states as (
    select
        intervals.customer_key,
        intervals.valid_from,
        intervals.valid_to,
        intervals.is_at_risk,
        intervals.is_loyal and not intervals.is_advocate and not intervals.is_at_risk as is_to_be_asked
    from {{ ref('customer_lifecycle', 'int_customer_state_intervals') }} as intervals
    inner join as_of on intervals.valid_from <= as_of.as_of_date
),

current_states as (
    select states.*
    from states
    inner join as_of on states.valid_to > as_of.as_of_date
    where states.is_at_risk or states.is_to_be_asked
),

changes as (
    select
        states.customer_key,
        states.valid_from,
        states.is_at_risk,
        states.is_to_be_asked,
        lag(states.is_at_risk) over (partition by states.customer_key order by states.valid_from) as was_at_risk,
        lag(states.is_to_be_asked) over (partition by states.customer_key order by states.valid_from) as was_to_be_asked
    from states
    inner join current_states on states.customer_key = current_states.customer_key
),

starts as (
    select
        customer_key,
        max(case when is_at_risk and not coalesce(was_at_risk, false) then valid_from end) as at_risk_from,
        max(case when is_to_be_asked and not coalesce(was_to_be_asked, false) then valid_from end) as to_be_asked_from
    from changes
    group by customer_key
),

int_audience_flags as (
    select
        current_states.customer_key,
        case when current_states.is_at_risk then 'at_risk' else 'referral_ask' end as audience,
        -- a merge of two records is no news of the person
        coalesce(
            case when current_states.is_at_risk then at_risk_arrivals.at_risk_date else asked_arrivals.to_be_asked_date end,
            case when current_states.is_at_risk then starts.at_risk_from else starts.to_be_asked_from end
        ) as trigger_date
    from current_states
    inner join starts on current_states.customer_key = starts.customer_key
    {%- for name, start in [('at_risk_arrivals', 'at_risk_from'), ('asked_arrivals', 'to_be_asked_from')] %}
    left join {{ ref('customer_lifecycle', 'int_customer_arrivals') }} as {{ name }}
        on
            starts.customer_key = {{ name }}.customer_key and starts.{{ start }} <= {{ name }}.arrived_on
            and {{ name }}.arrivals_back = 1
    {%- endfor %}
)

select * from int_audience_flags
