-- One row per living customer and e-mail or telephone number that its profiles give, as ids that do not show the address. An
-- address or number that too many customers give is left out: it identifies no person.
with

profiles as (
    select * from {{ ref('customer_lifecycle', 'stg_shop__customers') }}
),

identity_map as (
    select * from {{ ref('customer_lifecycle', 'int_identity_map') }}
    where valid_to = {{ end_of_time() }}
),

contacts as (
    select brand, person_id, 'email' as contact_type, email_person_id as contact_id from profiles
    where email_person_id is not null

    union all

    select brand, person_id, 'phone' as contact_type, {{ phone_id('phone') }} as contact_id from profiles
),

customer_contacts as (
    select distinct contacts.brand, identity_map.customer_key, contacts.contact_type, contacts.contact_id
    from contacts
    inner join identity_map on contacts.person_id = identity_map.person_id
    where contacts.contact_id is not null
),

telling_contacts as (
    select brand, contact_id from customer_contacts
    group by brand, contact_id
    having count(*) <= {{ setting('identity_max_cluster_size') | int }}
),

int_customer_contact_ids as (
    select customer_contacts.*
    from customer_contacts
    inner join telling_contacts
        on customer_contacts.brand = telling_contacts.brand and customer_contacts.contact_id = telling_contacts.contact_id
)

select * from int_customer_contact_ids
