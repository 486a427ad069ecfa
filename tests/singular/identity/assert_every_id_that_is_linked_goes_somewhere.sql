-- An id with a link is merged, unless every one of its links would close a cycle; a merged customer is gone from
-- then on, until the link ends.
with

outcomes as (
    select
        merged_person_id,
        min(case when link_status = 'accepted' then linked_date end) as first_merged_date,
        -- a link that has ended merges nothing any more
        max(case when link_status = 'accepted' and unlinked_date = {{ end_of_time() }} then linked_date end) as merged_date,
        sum(case when link_status = 'conflict' then 1 else 0 end) as conflict_count
    from {{ ref('customer_lifecycle', 'int_identity_links') }}
    group by merged_person_id
)

select
    outcomes.merged_person_id,
    outcomes.merged_date,
    customers.merged_date as published_merged_date
from outcomes
left join {{ ref('customer_lifecycle', 'int_customers') }} as customers on outcomes.merged_person_id = customers.customer_id
where
    (outcomes.first_merged_date is null and outcomes.conflict_count > 0)
    or (customers.customer_id is not null and customers.merged_date is distinct from outcomes.merged_date)
