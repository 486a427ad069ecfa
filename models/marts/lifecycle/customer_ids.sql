-- One row per id that has turned up, with whose it is at the end of the as-of date. Ids without a stage, which are no
-- customers, are found here and nowhere else: merged ids, and profiles without an event.
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

customers as (
    select * from {{ ref('customer_lifecycle', 'int_customers') }}
),

current_customers as (
    select customers.customer_key, customers.customer_id
    from customers
    inner join {{ ref('customer_lifecycle', 'int_customer_state_intervals') }} as intervals
        on customers.customer_key = intervals.customer_key
    inner join as_of on intervals.valid_from <= as_of.as_of_date and intervals.valid_to > as_of.as_of_date
),

owners as (
    select person_id, customer_key from {{ ref('customer_lifecycle', 'int_identity_map') }}
    where valid_to = {{ end_of_time() }}
),

customer_ids as (
    select
        customers.brand,
        customers.customer_id,
        current_customers.customer_id as current_customer_id,
        -- a test account is no customer, and whose history went there is no customer either
        canonical_ids.customer_id as merged_into_customer_id,
        customers.merged_date,
        case
            when customers.merged_date is not null and owners.customer_key is null then 'test_account'
            when customers.merged_date is not null then 'merged'
            when current_customers.customer_id is not null then 'customer'
            else 'no_events'
        end as id_status
    from customers
    left join customers as canonical_ids on customers.merged_into_customer_id = canonical_ids.customer_id
    left join owners on customers.customer_id = owners.person_id
    left join current_customers on owners.customer_key = current_customers.customer_key
)

select * from customer_ids
