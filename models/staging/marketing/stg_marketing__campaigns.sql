-- One row per campaign that can be used and is known by the as-of date.
with

rows_with_outcome as (
    {{ row_outcomes('campaigns') }}
),

stg_marketing__campaigns as (
    select
        -- ids
        brand,
        campaign_id,
        parent_campaign_id,

        -- attributes
        name,
        channel,
        platform,
        objective,

        -- times
        started_at,
        started_date,
        ended_at,
        ended_date,
        loaded_at,
        deleted_at,
        deleted_date
    from rows_with_outcome
    where outcome = 'accepted'
)

select * from stg_marketing__campaigns
