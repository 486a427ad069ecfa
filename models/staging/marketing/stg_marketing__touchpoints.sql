-- One row per touchpoint that can be used and is known by the as-of date.
with

rows_judged as (
    {{ judged_rows('touchpoints') }}
),

stg_marketing__touchpoints as (
    select
        -- ids
        brand,
        touchpoint_id,
        customer_id,
        anonymous_id,
        campaign_id,
        person_id,
        anonymous_person_id,
        email_person_id,

        -- attributes
        email,
        touch_type,
        utm_source,
        utm_medium,
        utm_campaign,
        referrer,
        landing_page,

        -- booleans
        is_bot,

        -- times
        occurred_at,
        occurred_date,
        loaded_at,
        deleted_at,
        deleted_date
    from rows_judged
    where outcome = 'accepted'
)

select * from stg_marketing__touchpoints
