-- One row per engagement that can be used and is known by the as-of date.
with

rows_with_outcome as (
    {{ row_outcomes(
        'engagements',
        excluded_ids=ref('customer_lifecycle', 'int_excluded_ids'),
        machine_rows=ref('customer_lifecycle', 'stg_marketing__machine_rows')
    ) }}
),

stg_marketing__engagements as (
    select
        -- ids
        brand,
        engagement_id,
        customer_id,
        anonymous_id,
        campaign_id,
        person_id,
        anonymous_person_id,
        email_person_id,

        -- attributes
        email,
        engagement_type,
        channel,

        -- times
        occurred_at,
        occurred_date,
        loaded_at,
        deleted_at,
        deleted_date
    from rows_with_outcome
    where outcome = 'accepted'
)

select * from stg_marketing__engagements
