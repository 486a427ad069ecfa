-- One row per customer id or e-mail whose erasure was asked for by the as-of date, with the day up to which it holds.
{{ config(materialized='table') }}

with

requests as (
    select base_identity__erasure_requests.*
    from {{ ref('base_identity__erasure_requests') }} as base_identity__erasure_requests
    cross join {{ ref('stg_calendar__as_of_date') }} as as_of
    where
        base_identity__erasure_requests.rejection_reason is null
        and base_identity__erasure_requests.requested_date <= as_of.as_of_date
),

requested_ids as (
    select
        brand,
        'customer_id' as id_type,
        customer_id as id_value,
        requested_date
    from requests
    where customer_id is not null

    union all

    select
        brand,
        'email' as id_type,
        email as id_value,
        requested_date
    from requests
    where email is not null
),

base_identity__erased_ids as (
    select
        brand,
        id_type,
        id_value,
        max(requested_date) as erased_until_date
    from requested_ids
    group by brand, id_type, id_value
)

select * from base_identity__erased_ids
