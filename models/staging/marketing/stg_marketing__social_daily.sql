-- One row per date and platform that can be used and is known by the as-of date.
with

rows_with_outcome as (
    {{ row_outcomes('social_daily') }}
),

stg_marketing__social_daily as (
    select
        -- ids
        brand,

        -- attributes
        platform,

        -- numbers
        impressions,
        followers_total,
        likes,
        comments,
        shares,
        mentions,

        -- booleans
        is_paid,

        -- times
        date_day,
        loaded_at,
        deleted_at,
        deleted_date
    from rows_with_outcome
    where outcome = 'accepted'
)

select * from stg_marketing__social_daily
