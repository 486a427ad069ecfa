-- One row per day, pair of stages and slice with at least one customer that went from the one to the other that day. First
-- appearances come from 'new', absorbed customers go to 'merged'.
with

slices as (
    select * from {{ ref('int_customer_slices') }}
),

lifespans as (
    select
        customer_key,
        absorbed_date
    from {{ ref('int_customer_lifespans') }}
),

stays as (
    select * from {{ ref('int_customer_stays') }}
    where not is_scheduled
),

transitions as (
    select
        customer_key,
        valid_from as date_day,
        coalesce(previous_stage, 'new') as from_stage,
        stage as to_stage
    from stays

    union all

    select
        stays.customer_key,
        stays.valid_to as date_day,
        stays.stage as from_stage,
        'merged' as to_stage
    from stays
    inner join lifespans on stays.customer_key = lifespans.customer_key and stays.valid_to = lifespans.absorbed_date
    where lifespans.absorbed_date < {{ end_of_time() }}
),

stage_transitions_daily as (
    select
        slices.brand,
        transitions.date_day,
        transitions.from_stage,
        transitions.to_stage,
        slices.acquisition_channel,
        slices.country_code,
        slices.segment,
        count(*) as transition_count
    from transitions
    inner join slices on transitions.customer_key = slices.customer_key
    group by
        slices.brand,
        transitions.date_day,
        transitions.from_stage,
        transitions.to_stage,
        slices.acquisition_channel,
        slices.country_code,
        slices.segment
)

select * from stage_transitions_daily
