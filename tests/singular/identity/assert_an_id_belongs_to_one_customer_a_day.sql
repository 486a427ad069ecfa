-- On any day an id belongs to one customer or to no customer: a row that counted for two would be a purchase twice. The
-- periods of an id join up as well, unless it is a test account's in between.
with

identity_map as (
    select
        person_id,
        customer_key,
        valid_from,
        valid_to,
        lead(valid_from) over (partition by person_id order by valid_from, valid_to) as next_valid_from
    from {{ ref('customer_lifecycle', 'int_identity_map') }}
)

select
    person_id,
    customer_key,
    valid_from,
    valid_to,
    next_valid_from
from identity_map
where
    next_valid_from < valid_to
    or (
        next_valid_from > valid_to
        and person_id not in (
            select excluded.person_id from {{ ref('customer_lifecycle', 'int_excluded_ids') }} as excluded
            where excluded.tested_from_date is not null
        )
    )
