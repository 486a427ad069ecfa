-- One row per link that can be used and is known by the as-of date.
with

rows_judged as (
    {{ judged_rows('identity_links') }}
),

stg_identity__identity_links as (
    select
        -- ids
        brand,
        link_id,
        id_value,
        customer_id,
        absorbed_person_id,
        survivor_person_id,

        -- attributes
        id_type,

        -- times
        linked_at,
        linked_date,
        loaded_at,
        deleted_at,
        deleted_date
    from rows_judged
    where outcome = 'accepted'
)

select * from stg_identity__identity_links
