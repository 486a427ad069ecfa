-- Identity 1 over intervals: a customer's stays join up from the first day anything is known of it to the day it is
-- absorbed, or for ever. So there is one stage a day, and never two.
with

stays as (
    select
        customer_key,
        valid_from,
        valid_to,
        lag(valid_to) over (partition by customer_key order by valid_from) as previous_valid_to,
        lead(valid_from) over (partition by customer_key order by valid_from) as next_valid_from
    from {{ ref('int_customer_stays') }}
),

lifespans as (
    select * from {{ ref('int_customer_lifespans') }}
)

select
    lifespans.customer_key,
    stays.valid_from,
    stays.valid_to
from lifespans
left join stays on lifespans.customer_key = stays.customer_key
where
    (stays.customer_key is null and lifespans.first_known_date < lifespans.absorbed_date)
    or stays.valid_from >= stays.valid_to
    or stays.valid_from <> coalesce(stays.previous_valid_to, lifespans.first_known_date)
    or (stays.next_valid_from is null and stays.valid_to <> lifespans.absorbed_date)
