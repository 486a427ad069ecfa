-- An id with a link is absorbed, unless every one of its links would close a cycle; an absorbed customer is gone from
-- then on.
with

verdicts as (
    select
        absorbed_person_id,
        min(case when link_status = 'accepted' then linked_date end) as absorbed_date,
        sum(case when link_status = 'conflict' then 1 else 0 end) as conflict_count
    from {{ ref('int_identity_links') }}
    group by absorbed_person_id
)

select
    verdicts.absorbed_person_id,
    verdicts.absorbed_date,
    customers.absorbed_date as published_absorbed_date
from verdicts
left join {{ ref('int_customers') }} as customers on verdicts.absorbed_person_id = customers.customer_id
where
    (verdicts.absorbed_date is null and verdicts.conflict_count > 0)
    or (customers.customer_id is not null and customers.absorbed_date is distinct from verdicts.absorbed_date)
