-- One row per link between two ids that is not followed, with its one reason.
with

links as (
    select * from {{ ref('customer_lifecycle', 'int_identity_links') }}
    where link_status <> 'accepted'
),

shared_ids as (
    select * from {{ ref('customer_lifecycle', 'int_identity_shared_ids') }}
),

identity_conflicts as (
    select
        links.brand,
        links.merged_person_id as merged_customer_id,
        links.canonical_person_id as canonical_customer_id,
        nullif(links.linked_date, {{ beginning_of_time() }}) as linked_date,
        links.source_table,
        links.source_row,
        case when shared_ids.person_id is not null then 'shared_identifier' else links.link_status end as reason,
        shared_ids.shared_from_date
    from links
    left join shared_ids
        on links.merged_person_id = shared_ids.person_id and links.linked_date >= shared_ids.shared_from_date
)

select * from identity_conflicts
