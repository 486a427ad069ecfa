-- One row per touch that may be credited with a conversion: a session, by its first touchpoint, or something else that a
-- customer did (seed event_types), such as opening an e-mail, or a click in one that only the mailing tool saw. The pages
-- of a visit are one touch.
with

sessions as (
    select
        brand,
        session_id
    from {{ ref('customer_lifecycle', 'int_sessions') }}
),

int_attribution_touches as (
    select
        touchpoints.brand,
        touchpoints.touchpoint_id,
        touchpoints.customer_key,
        touchpoints.channel,
        touchpoints.campaign_id,
        touchpoints.occurred_at
    from {{ ref('customer_lifecycle', 'int_stitched_touchpoints') }} as touchpoints
    left join sessions on touchpoints.brand = sessions.brand and touchpoints.touchpoint_id = sessions.session_id
    where
        touchpoints.is_path_touch
        and touchpoints.customer_key is not null
        and (sessions.session_id is not null or not touchpoints.is_web_visit)

    union all

    -- two tables may use one id
    select brand, 'engagements/' || engagement_id as touchpoint_id, customer_key, channel, campaign_id, occurred_at
    from {{ ref('customer_lifecycle', 'int_engagement_touches') }}
)

select * from int_attribution_touches
