-- One row per customer and longest period [valid_from, valid_to) of days published before on which its stage is another than
-- it was; null where the customer was not, or is no longer, there.
with

customers as (
    select * from {{ ref('customer_lifecycle', 'int_changed_customers') }}
    where is_compared
),

spells as (
    select spells.customer_key, spells.stage, spells.valid_from, spells.valid_to
    from {{ ref('customer_lifecycle', 'int_customer_stage_periods') }} as spells
    inner join customers on spells.customer_key = customers.customer_key
),

{{ all_days_of('days_now', customers='customers', spells='spells') }},

shared_days as (
    select
        days_now.customer_key,
        greatest(days_before.valid_from, days_now.valid_from) as valid_from,
        least(days_before.valid_to, days_now.valid_to, current_build.compared_to) as valid_to,
        days_before.stage as published_stage,
        days_now.stage as restated_stage
    from days_now
    inner join {{ ref('customer_lifecycle', 'int_published_stage_periods') }} as days_before
        on
            days_now.customer_key = days_before.customer_key
            and days_now.valid_from < days_before.valid_to
            and days_now.valid_to > days_before.valid_from
    cross join {{ ref('customer_lifecycle', 'int_current_build') }} as current_build
),

int_stage_differences as (
    select
        customers.customer_key,
        customers.customer_id,
        customers.brand,
        shared_days.valid_from,
        shared_days.valid_to,
        shared_days.published_stage,
        shared_days.restated_stage
    from shared_days
    inner join customers on shared_days.customer_key = customers.customer_key
    where
        shared_days.valid_from < shared_days.valid_to
        and coalesce(shared_days.published_stage, 'none') <> coalesce(shared_days.restated_stage, 'none')
)

select * from int_stage_differences
