-- One row per id, customer it belongs to, and unbroken period [valid_from, valid_to) in which it does.
-- Chains are followed as of each day: a row under the id is known to that customer from the later of its own date and
-- valid_from on, until known_until. An id that was merged into a test account belongs to no customer from then on.
{{ config(pre_hook="{{ stop_at_longer_chains('int_identity_chains', id='person_id', of='merged ids') }}") }}
with

links as (
    select * from {{ ref('customer_lifecycle', 'int_identity_links') }}
    where link_status = 'accepted'
),

undone_links as (
    select * from links
    where unlinked_date < {{ end_of_time() }}
),

customers as (
    select * from {{ ref('customer_lifecycle', 'int_customers') }}
),

lives as (
    select
        customer_key, customer_id, {{ beginning_of_time() }} as lives_from,
        coalesce(merged_date, {{ end_of_time() }}) as lives_to, false as comes_back
    from customers
    where customer_id not in (select undone_links.merged_person_id from undone_links)

    union all

    -- a customer lives until its first merge, and again from the end of each until the next one
    select customers.customer_key, customers.customer_id, {{ beginning_of_time() }}, min(links.linked_date), true
    from customers
    inner join links on customers.customer_id = links.merged_person_id
    where customers.customer_id in (select undone_links.merged_person_id from undone_links)
    group by customers.customer_key, customers.customer_id

    union all

    select
        customers.customer_key, customers.customer_id, undone_links.unlinked_date,
        coalesce(min(next_links.linked_date), {{ end_of_time() }}), true
    from customers
    inner join undone_links on customers.customer_id = undone_links.merged_person_id
    left join links as next_links
        on
            undone_links.merged_person_id = next_links.merged_person_id
            and undone_links.unlinked_date <= next_links.linked_date
    group by customers.customer_key, customers.customer_id, undone_links.unlinked_date
),

owners as (
    {{ linked_owners('links') }}

    union all

    select customer_id, customer_id as owner_person_id, {{ beginning_of_time() }}, {{ end_of_time() }} from customers
),

int_identity_map as (
    select
        owners.person_id,
        lives.customer_key,
        greatest(owners.valid_from, lives.lives_from) as valid_from,
        least(owners.valid_to, lives.lives_to) as valid_to,
        -- of a customer who is merged for good nothing is asked after that day
        case
            when lives.comes_back or owners.valid_to < lives.lives_to then least(owners.valid_to, lives.lives_to)
            else {{ end_of_time() }}
        end as known_until
    from owners
    inner join lives on owners.owner_person_id = lives.customer_id
    where greatest(owners.valid_from, lives.lives_from) < least(owners.valid_to, lives.lives_to)
)

select * from int_identity_map
