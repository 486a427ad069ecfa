-- One row per date, platform and episode that can be used and is known by the as-of date.
with

rows_with_outcome as (
    {{ row_outcomes('podcast_daily') }}
),

stg_marketing__podcast_daily as (
    select
        -- ids
        brand,
        episode_id,

        -- attributes
        platform,

        -- numbers
        listeners,
        downloads,

        -- times
        date_day,
        loaded_at,
        deleted_at,
        deleted_date
    from rows_with_outcome
    where outcome = 'accepted'
)

select * from stg_marketing__podcast_daily
