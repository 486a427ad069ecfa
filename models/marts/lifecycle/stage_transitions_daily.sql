-- One row per day, pair of stages and dimensions with at least one customer that went from the one to the other that day.
-- First appearances come from 'new', as does a customer who comes back from a merge; merged customers go to 'merged'.
with

dimensions as (
    select * from {{ ref('customer_lifecycle', 'int_customer_dimensions') }}
),

spells as (
    select periods.* from {{ ref('customer_lifecycle', 'int_customer_stage_periods') }} as periods
    inner join {{ ref('customer_lifecycle', 'as_of_date') }} as as_of on periods.valid_from <= as_of.as_of_date
),

transitions as (
    select
        customer_key,
        valid_from as date_day,
        coalesce(previous_stage, 'new') as from_stage,
        stage as to_stage
    from spells

    union all

    select customer_key, valid_to as date_day, stage as from_stage, 'merged' as to_stage from spells
    where ends_in_merge
),

stage_transitions_daily as (
    select
        dimensions.brand,
        transitions.date_day,
        transitions.from_stage,
        transitions.to_stage,
        dimensions.acquisition_channel,
        dimensions.country_code,
        dimensions.segment,
        count(*) as transition_count
    from transitions
    inner join dimensions on transitions.customer_key = dimensions.customer_key
    group by
        dimensions.brand,
        transitions.date_day,
        transitions.from_stage,
        transitions.to_stage,
        dimensions.acquisition_channel,
        dimensions.country_code,
        dimensions.segment
)

select * from stage_transitions_daily
