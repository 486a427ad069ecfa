-- One row per e-mail or device that has come to be linked with too many customers to identify one, and since when.
with

candidates as (
    select brand, merged_person_id, canonical_person_id, min(linked_date) as linked_date
    from {{ ref('customer_lifecycle', 'int_identity_candidates') }}
    where merged_id_type in ('email', 'anonymous_id') and not is_erased
    group by brand, merged_person_id, canonical_person_id
),

widespread_ids as (
    select brand, merged_person_id from candidates
    group by brand, merged_person_id
    having count(*) > {{ setting('identity_max_cluster_size') | int }}
),

numbered_links as (
    select
        candidates.*,
        row_number() over (
            partition by candidates.merged_person_id order by candidates.linked_date, candidates.canonical_person_id
        ) as canonical_number
    from candidates
    inner join widespread_ids on candidates.merged_person_id = widespread_ids.merged_person_id
),

int_identity_shared_ids as (
    select brand, merged_person_id as person_id, linked_date as shared_from_date from numbered_links
    where canonical_number = {{ setting('identity_max_cluster_size') | int }} + 1
)

select * from int_identity_shared_ids
