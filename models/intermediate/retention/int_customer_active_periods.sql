-- One row per living customer and unbroken period [active_from, active_to) in which it, or an id that it has absorbed since,
-- was published as an active customer; active_to is the end of time for a period that holds on the as-of date.
with

as_of as (
    select as_of_date from {{ ref('stg_calendar__as_of_date') }}
),

active_stages as (
    select stage from {{ ref('lifecycle_stages') }}
    where is_customer and stage <> 'churned'
),

survivors as (
    select
        customer_key,
        customer_key as survivor_key,
        brand
    from {{ ref('int_customers') }}
    where absorbed_date is null

    union all

    select
        absorbed.customer_key,
        memberships.customer_key as survivor_key,
        absorbed.brand
    from {{ ref('int_customers') }} as absorbed
    inner join {{ ref('int_identity_memberships') }} as memberships on absorbed.customer_id = memberships.person_id
    where absorbed.absorbed_date is not null and memberships.valid_to = {{ end_of_time() }}
),

stays as (
    select
        survivors.brand,
        survivors.survivor_key as customer_key,
        stays.valid_from as starts_on,
        case
            when stays.published_to > as_of.as_of_date then {{ end_of_time() }}
            else stays.published_to
        end as ends_on
    from {{ ref('int_customer_stays') }} as stays
    inner join active_stages on stays.stage = active_stages.stage
    inner join survivors on stays.customer_key = survivors.customer_key
    cross join as_of
    where stays.valid_from < stays.published_to
),

{{ merged_windows('active_periods', windows='stays', keys=['brand', 'customer_key']) }},

int_customer_active_periods as (
    select
        brand,
        customer_key,
        starts_on as active_from,
        ends_on as active_to
    from active_periods
)

select * from int_customer_active_periods
