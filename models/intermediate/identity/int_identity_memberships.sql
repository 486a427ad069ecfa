-- One row per id and customer it belongs to, with the days [valid_from, valid_to) on which it does.
-- Chains are followed as of each day: a row under the id is known to that customer from the later of its own date and
-- valid_from on. An id that was absorbed into a test account belongs to nobody from then on.
{{ config(pre_hook="{{ stop_at_longer_chains('int_identity_chains', id='person_id', of='merged ids') }}") }}
with

links as (
    select absorbed_person_id, survivor_person_id, linked_date from {{ ref('int_identity_links') }}
    where link_status = 'accepted'
),

chains as (
    select * from {{ ref('int_identity_chains') }}
),

owners as (
    select absorbed_person_id as person_id, survivor_person_id as owner_person_id, linked_date as valid_from from links

    union all

    select links.absorbed_person_id, chains.owner_person_id, greatest(links.linked_date, chains.valid_from)
    from links
    inner join chains on links.survivor_person_id = chains.person_id

    union all

    select customer_id, customer_id as owner_person_id, {{ beginning_of_time() }} from {{ ref('int_customers') }}
),

int_identity_memberships as (
    select
        owners.person_id,
        customers.customer_key,
        owners.valid_from,
        coalesce(customers.absorbed_date, {{ end_of_time() }}) as valid_to
    from owners
    inner join {{ ref('int_customers') }} as customers on owners.owner_person_id = customers.customer_id
    where owners.valid_from < coalesce(customers.absorbed_date, {{ end_of_time() }})
)

select * from int_identity_memberships
