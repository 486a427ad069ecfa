-- One row per link that can be used and is known by the as-of date.
with

rows_with_outcome as (
    {{ row_outcomes('identity_links', excluded_ids=ref('customer_lifecycle', 'int_excluded_ids')) }}
),

stg_identity__identity_links as (
    select
        -- ids
        brand,
        link_id,
        id_value,
        customer_id,
        merged_person_id,
        canonical_person_id,

        -- attributes
        id_type,

        -- times
        linked_at,
        linked_date,
        loaded_at,
        deleted_at,
        deleted_date
    from rows_with_outcome
    where outcome = 'accepted'
)

select * from stg_identity__identity_links
