-- One row per customer and date on which it becomes or ceases to be an active customer, as published day by day, and why:
-- new, reactivated, churned, reversed (its last valid purchase was taken back), or merged (in: with an active customer
-- that it absorbs that day; out: by being absorbed).
with

stages as (
    select
        stage,
        is_customer and stage <> 'churned' as is_active
    from {{ ref('lifecycle_stages') }}
),

stays as (
    select
        customers.brand,
        customers.customer_id,
        customers.absorbed_date,
        stays.*,
        stages.is_active,
        coalesce(previous_stages.is_active, false) as was_active
    from {{ ref('int_customer_stays') }} as stays
    inner join {{ ref('int_customers') }} as customers on stays.customer_key = customers.customer_key
    inner join stages on stays.stage = stages.stage
    left join stages as previous_stages on stays.previous_stage = previous_stages.stage
    where stays.valid_from < stays.published_to
),

absorbed as (
    select
        brand,
        customer_key,
        customer_id,
        absorbed_date
    from stays
    where is_active and valid_to = absorbed_date
),

arrivals as (
    select distinct
        memberships.customer_key,
        absorbed.absorbed_date
    from absorbed
    inner join {{ ref('int_identity_memberships') }} as memberships
        on absorbed.customer_id = memberships.person_id and absorbed.absorbed_date = memberships.valid_from
),

turns as (
    select
        stays.brand,
        stays.customer_key,
        stays.valid_from as turned_date,
        1 as active_change,
        case
            when arrivals.customer_key is not null then 'merged'
            when stays.previous_stage = 'churned' or stays.stage = 'reactivated' then 'reactivated'
            else 'new'
        end as kind
    from stays
    left join arrivals on stays.customer_key = arrivals.customer_key and stays.valid_from = arrivals.absorbed_date
    where stays.is_active and not stays.was_active

    union all

    select
        brand,
        customer_key,
        valid_from as turned_date,
        -1 as active_change,
        case when stage = 'churned' then 'churned' else 'reversed' end as kind
    from stays
    where was_active and not is_active

    union all

    select
        brand,
        customer_key,
        absorbed_date as turned_date,
        -1 as active_change,
        'merged' as kind
    from absorbed
),

int_customer_activity_turns as (
    select
        brand,
        customer_key,
        turned_date,
        active_change,
        kind
    from turns
)

select * from int_customer_activity_turns
