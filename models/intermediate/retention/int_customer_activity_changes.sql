-- One row per customer and date on which it becomes or ceases to be an active customer, as published day by day, and why:
-- new, reactivated, churned, reversed (its last valid purchase was reversed), or merged (in: with an active customer
-- that it absorbs that day, or back from a merge that was undone; out: by being absorbed).
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

stages as (
    select
        stage,
        is_customer and stage <> 'churned' as is_active
    from {{ ref('customer_lifecycle', 'lifecycle_stages') }}
),

spells as (
    select
        customers.brand,
        customers.customer_id,
        spells.*,
        stages.is_active,
        coalesce(previous_stages.is_active, false) as was_active
    from {{ ref('customer_lifecycle', 'int_customer_stage_periods') }} as spells
    inner join {{ ref('customer_lifecycle', 'int_customers') }} as customers on spells.customer_key = customers.customer_key
    inner join stages on spells.stage = stages.stage
    inner join as_of on spells.valid_from <= as_of.as_of_date
    left join stages as previous_stages on spells.previous_stage = previous_stages.stage
),

merged as (
    select brand, customer_key, customer_id, valid_to as merged_date from spells
    where is_active and ends_in_merge
),

arrivals as (
    select distinct identity_map.customer_key, merged.merged_date
    from merged
    inner join {{ ref('customer_lifecycle', 'int_identity_map') }} as identity_map
        on merged.customer_id = identity_map.person_id and merged.merged_date = identity_map.valid_from
),

changes as (
    select
        spells.brand,
        spells.customer_key,
        spells.valid_from as changed_date,
        1 as active_change,
        case
            when arrivals.customer_key is not null or spells.is_return then 'merged'
            when spells.previous_stage = 'churned' or spells.stage = 'reactivated' then 'reactivated'
            else 'new'
        end as kind
    from spells
    left join arrivals on spells.customer_key = arrivals.customer_key and spells.valid_from = arrivals.merged_date
    where spells.is_active and not spells.was_active

    union all

    select
        brand,
        customer_key,
        valid_from as changed_date,
        -1 as active_change,
        case when stage = 'churned' then 'churned' else 'reversed' end as kind
    from spells
    where was_active and not is_active

    union all

    select brand, customer_key, merged_date, -1, 'merged' from merged
),

int_customer_activity_changes as (
    select brand, customer_key, changed_date, active_change, kind from changes
)

select * from int_customer_activity_changes
