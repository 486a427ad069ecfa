-- One row per e-mail or device that has come to be linked with too many customers to tell anybody by, and since when.
with

int_identity_shared_ids as (
    select brand, absorbed_person_id as person_id, linked_date as shared_from_date
    from {{ ref('int_identity_candidates') }}
    where
        absorbed_id_type in ('email', 'anonymous_id')
        and survivor_number = {{ setting('identity_max_cluster_size') | int }} + 1
)

select * from int_identity_shared_ids
