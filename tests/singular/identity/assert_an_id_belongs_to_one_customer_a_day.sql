-- On any day an id belongs to one customer or to nobody: a row that counted for two would be a purchase twice. The
-- periods of an id join up as well, until it goes to a test account.
with

memberships as (
    select
        person_id,
        customer_key,
        valid_from,
        valid_to,
        lead(valid_from) over (partition by person_id order by valid_from, valid_to) as next_valid_from
    from {{ ref('int_identity_memberships') }}
)

select
    person_id,
    customer_key,
    valid_from,
    valid_to,
    next_valid_from
from memberships
where next_valid_from <> valid_to
