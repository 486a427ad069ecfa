-- One row per id whose rows count for nothing: those of erased persons up to a day, and those of a test account in
-- [tested_from_date, tested_to_date): a device or e-mail that was linked with it, by any user.
with

test_accounts as (
    select distinct person_id from {{ ref('customer_lifecycle', 'base_shop__customers') }}
    where rejection_reason = 'test_account' and person_id is not null
),

links as (
    select * from {{ ref('customer_lifecycle', 'int_identity_links') }}
    where link_status = 'accepted'
),

owned_ids as (
    {{ linked_owners('links') }}
),

exclusions as (
    select
        person_id, erased_until_date, cast(null as date) as tested_from_date, cast(null as date) as tested_to_date
    from {{ ref('customer_lifecycle', 'int_erased_ids') }}

    union all

    select owned_ids.person_id, cast(null as date), owned_ids.valid_from, owned_ids.valid_to
    from owned_ids
    inner join test_accounts on owned_ids.owner_person_id = test_accounts.person_id
    where owned_ids.valid_from < owned_ids.valid_to
),

int_excluded_ids as (
    select
        person_id,
        max(erased_until_date) as erased_until_date,
        min(tested_from_date) as tested_from_date,
        max(tested_to_date) as tested_to_date
    from exclusions
    group by person_id
)

select * from int_excluded_ids
