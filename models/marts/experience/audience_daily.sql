-- One row per date and platform: what a social network, a podcast directory or the site itself ('web') reports of the day.
{% set figures = [
    'paid_impression_count', 'organic_impression_count', 'impression_count', 'follower_count', 'net_new_follower_count',
    'follower_gap_days', 'like_count', 'comment_count', 'share_count', 'mention_count', 'engagement_count',
] %}
{% set other_figures = ['web_session_count', 'web_visitor_count', 'podcast_listener_count', 'podcast_download_count'] %}
with

web_days as (
    select
        brand, started_date as date_day, count(*) as web_session_count,
        count(distinct visitor_id) as web_visitor_count
    from {{ ref('customer_lifecycle', 'int_sessions') }}
    group by brand, started_date
),

podcast_days as (
    select
        episodes.brand, episodes.platform, episodes.date_day,
        sum(episodes.listeners) as podcast_listener_count,
        sum(episodes.downloads) as podcast_download_count
    from {{ ref('customer_lifecycle', 'stg_marketing__podcast_daily') }} as episodes
    cross join {{ ref('customer_lifecycle', 'as_of_date') }} as as_of
    where {{ known_until('episodes.deleted_date', 'as_of.as_of_date') }} = {{ end_of_time() }}
    group by episodes.brand, episodes.platform, episodes.date_day
),

reports as (
    select
        brand, date_day, platform,
        {% for figure in figures %}
        {{ figure }},
        {% endfor %}
        case when has_deletions then 1 else 0 end as deletion_count,
        cast(null as bigint) as web_session_count,
        cast(null as bigint) as web_visitor_count,
        cast(null as bigint) as podcast_listener_count,
        cast(null as bigint) as podcast_download_count
    from {{ ref('customer_lifecycle', 'int_social_days') }}

    union all

    select
        brand, date_day, 'web' as platform, {% for figure in figures %}null, {% endfor %}
        0, web_session_count, web_visitor_count, null, null
    from web_days

    union all

    select
        brand, date_day, platform, {% for figure in figures %}null, {% endfor %}
        0, null, null, podcast_listener_count, podcast_download_count
    from podcast_days
),

platform_days as (
    -- a platform may be a social network and a podcast directory at once
    select
        brand, date_day, platform,
        {% for figure in figures + other_figures %}
        sum({{ figure }}) as {{ figure }},
        {% endfor %}
        max(deletion_count) = 1 as has_deletions
    from reports
    group by brand, date_day, platform
),

audience_daily as (
    select
        brand,
        date_day,
        platform,
        {% for figure in figures %}
        cast({{ figure }} as bigint) as {{ figure }},
        {% endfor %}
        {{ ratio_of('engagement_count', 'impression_count') }} as engagement_rate,
        {% for figure in other_figures %}
        cast({{ figure }} as bigint) as {{ figure }},
        {% endfor %}
        has_deletions
    from platform_days
)

select * from audience_daily
