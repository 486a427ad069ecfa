-- One row per living customer and unbroken period [active_from, active_to) in which it, or an id that it has absorbed since,
-- was published as an active customer; active_to is the end of time for a period that holds on the as-of date.
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

active_stages as (
    select stage from {{ ref('customer_lifecycle', 'lifecycle_stages') }}
    where is_customer and stage <> 'churned'
),

canonical_ids as (
    select customer_key, customer_key as canonical_key, brand from {{ ref('customer_lifecycle', 'int_customers') }}
    where merged_date is null

    union all

    select merged.customer_key, identity_map.customer_key as canonical_key, merged.brand
    from {{ ref('customer_lifecycle', 'int_customers') }} as merged
    inner join {{ ref('customer_lifecycle', 'int_identity_map') }} as identity_map
        on merged.customer_id = identity_map.person_id
    where merged.merged_date is not null and identity_map.valid_to = {{ end_of_time() }}
),

active_states as (
    select
        canonical_ids.brand,
        canonical_ids.canonical_key as customer_key,
        states.valid_from as starts_on,
        case when states.valid_to > as_of.as_of_date then {{ end_of_time() }} else states.valid_to end as ends_on
    from {{ ref('customer_lifecycle', 'int_customer_state_intervals') }} as states
    inner join active_stages on states.stage = active_stages.stage
    inner join canonical_ids on states.customer_key = canonical_ids.customer_key
    inner join as_of on states.valid_from <= as_of.as_of_date
),

{{ merged_windows('active_periods', windows='active_states', keys=['brand', 'customer_key']) }},

int_customer_active_periods as (
    select
        brand,
        customer_key,
        starts_on as active_from,
        ends_on as active_to
    from active_periods
)

select * from int_customer_active_periods
