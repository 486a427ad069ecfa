-- One row per date and campaign that can be used and is known by the as-of date.
with

rows_with_outcome as (
    {{ row_outcomes('ad_performance') }}
),

stg_marketing__ad_performance as (
    select
        -- ids
        brand,
        campaign_id,

        -- attributes
        platform,
        currency,

        -- numbers
        impressions,
        clicks,
        spend_amount,
        platform_conversions,
        reporting_rate,

        -- times
        date_day,
        loaded_at,
        deleted_at,
        deleted_date
    from rows_with_outcome
    where outcome = 'accepted'
)

select * from stg_marketing__ad_performance
