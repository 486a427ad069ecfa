-- One row per id whose erasure was asked for by the as-of date, with the day up to which it holds.
with

requests as (
    select requests.*
    from {{ ref('customer_lifecycle', 'base_identity__erasure_requests') }} as requests
    cross join {{ ref('customer_lifecycle', 'as_of_date') }} as as_of
    where requests.rejection_reason is null and requests.requested_date <= as_of.as_of_date
),

requested_ids as (
    select person_id, requested_date from requests

    union all

    -- a request may name both
    select email_person_id, requested_date from requests
),

int_erasures as (
    select person_id, max(requested_date) as erased_until_date from requested_ids
    where person_id is not null
    group by person_id
)

select * from int_erasures
