-- Identity 1 over intervals: a customer's stage periods join up from the first day anything is known of it to the day it is
-- merged, or for ever; in between it is gone on the days of a merge that was undone, and on no others. So there is one
-- stage a day, and never two.
with

spells as (
    select
        customer_key,
        valid_from,
        valid_to,
        lag(valid_to) over (partition by customer_key order by valid_from) as previous_valid_to,
        lead(valid_from) over (partition by customer_key order by valid_from) as next_valid_from
    from {{ ref('customer_lifecycle', 'int_customer_stage_periods') }}
),

lifespans as (
    select * from {{ ref('customer_lifecycle', 'int_customer_lifespans') }}
),

undone_merges as (
    select customers.customer_key, links.linked_date, links.unlinked_date
    from {{ ref('customer_lifecycle', 'int_identity_links') }} as links
    inner join {{ ref('customer_lifecycle', 'int_customers') }} as customers
        on links.merged_person_id = customers.customer_id
    where links.link_status = 'accepted' and links.unlinked_date < {{ end_of_time() }}
)

select
    lifespans.customer_key,
    spells.valid_from,
    spells.valid_to
from lifespans
left join spells on lifespans.customer_key = spells.customer_key
left join undone_merges as returns
    on spells.customer_key = returns.customer_key and spells.valid_from = returns.unlinked_date
left join undone_merges as leaves on spells.customer_key = leaves.customer_key and spells.valid_to = leaves.linked_date
where
    (spells.customer_key is null and lifespans.first_known_date < lifespans.merged_date)
    or spells.valid_from >= spells.valid_to
    or (
        spells.valid_from <> coalesce(spells.previous_valid_to, lifespans.first_known_date)
        and returns.customer_key is null
    )
    or spells.valid_from < spells.previous_valid_to
    or (
        spells.next_valid_from is null and spells.valid_to <> lifespans.merged_date
        and leaves.customer_key is null
    )
