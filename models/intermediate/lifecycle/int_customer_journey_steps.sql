-- One row per living customer and step of its journey up to the as-of date: a stage period, of its own or, before its
-- first day, of an id that it has absorbed since; equal neighbours are one step. Parallel lives that end in a merge are
-- not mixed.
with

canonical_ids as (
    -- absorbed or not, whose history it is as of the as-of date
    select
        customers.customer_key as lived_as_key,
        customers.customer_id as lived_as_customer_id,
        identity_map.customer_key
    from {{ ref('customer_lifecycle', 'int_identity_map') }} as identity_map
    inner join {{ ref('customer_lifecycle', 'int_customers') }} as customers
        on identity_map.person_id = customers.customer_id
    where identity_map.valid_to = {{ end_of_time() }}
),

lifespans as (
    select customer_key, first_known_date from {{ ref('customer_lifecycle', 'int_customer_lifespans') }}
),

spells as (
    select periods.* from {{ ref('customer_lifecycle', 'int_customer_stage_periods') }} as periods
    inner join {{ ref('customer_lifecycle', 'as_of_date') }} as as_of on periods.valid_from <= as_of.as_of_date
),

own_and_earlier_spells as (
    select
        canonical_ids.customer_key,
        canonical_ids.lived_as_customer_id,
        spells.stage,
        spells.valid_from as entered_date
    from spells
    inner join canonical_ids on spells.customer_key = canonical_ids.lived_as_key
    inner join lifespans on canonical_ids.customer_key = lifespans.customer_key
    where spells.customer_key = canonical_ids.customer_key or spells.valid_from < lifespans.first_known_date
),

neighbours as (
    select
        customer_key,
        lived_as_customer_id,
        stage,
        entered_date,
        -- by id, not by key: keys are given in the order in which customers turn up
        lag(stage) over (partition by customer_key order by entered_date, lived_as_customer_id) as previous_stage
    from own_and_earlier_spells
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
