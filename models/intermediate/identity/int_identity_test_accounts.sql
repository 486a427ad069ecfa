-- One row per id of a test account.
with

int_identity_test_accounts as (
    select distinct person_id
    from {{ ref('base_shop__customers') }}
    where rejection_reason = 'test_account' and person_id is not null
)

select * from int_identity_test_accounts
