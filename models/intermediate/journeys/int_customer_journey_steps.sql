-- One row per living customer and step of its journey up to the as-of date: a stay in a stage, of its own or, before its
-- first day, of an id that it has absorbed since; equal neighbours are one step. Parallel lives that end in a merge are
-- not mixed.
with

survivors as (
    -- absorbed or not, whose history it is as of the as-of date
    select
        customers.customer_key as lived_as_key,
        customers.customer_id as lived_as_customer_id,
        memberships.customer_key
    from {{ ref('int_identity_memberships') }} as memberships
    inner join {{ ref('int_customers') }} as customers on memberships.person_id = customers.customer_id
    where memberships.valid_to = {{ end_of_time() }}
),

lifespans as (
    select
        customer_key,
        first_known_date
    from {{ ref('int_customer_lifespans') }}
),

stays as (
    select * from {{ ref('int_customer_stays') }}
    where not is_scheduled
),

own_and_earlier_stays as (
    select
        survivors.customer_key,
        survivors.lived_as_customer_id,
        stays.stage,
        stays.valid_from as entered_date
    from stays
    inner join survivors on stays.customer_key = survivors.lived_as_key
    inner join lifespans on survivors.customer_key = lifespans.customer_key
    where stays.customer_key = survivors.customer_key or stays.valid_from < lifespans.first_known_date
),

neighbours as (
    select
        customer_key,
        lived_as_customer_id,
        stage,
        entered_date,
        -- by id, not by key: keys are given in the order in which customers turn up
        lag(stage) over (partition by customer_key order by entered_date, lived_as_customer_id) as previous_stage
    from own_and_earlier_stays
),

int_customer_journey_steps as (
    select
        customer_key,
        row_number() over (partition by customer_key order by entered_date, lived_as_customer_id) as step_number,
        stage,
        entered_date
    from neighbours
    where previous_stage is null or previous_stage <> stage
)

select * from int_customer_journey_steps
