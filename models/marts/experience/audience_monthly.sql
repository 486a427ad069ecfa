-- One row per month and platform: what audience_daily says day by day, with the followers at the month's end and each
-- visitor of the month once, neither of which is a sum of days.
{% set sums = [
    'paid_impression_count', 'organic_impression_count', 'impression_count', 'net_new_follower_count', 'like_count',
    'comment_count', 'share_count', 'mention_count', 'engagement_count',
] %}
with

days as (
    select
        *,
        {{ period_start('month', 'date_day') }} as month_date
    from {{ ref('customer_lifecycle', 'audience_daily') }}
),

closing_dates as (
    select brand, month_date, platform, max(date_day) as date_day from days
    where follower_count is not null
    group by brand, month_date, platform
),

closings as (
    select days.brand, days.month_date, days.platform, days.follower_count
    from days
    inner join closing_dates
        on
            days.brand = closing_dates.brand and days.platform = closing_dates.platform
            and days.date_day = closing_dates.date_day
),

visitors as (
    select
        brand,
        {{ period_start('month', 'started_date') }} as month_date,
        'web' as platform,
        count(distinct visitor_id) as web_visitor_count
    from {{ ref('customer_lifecycle', 'int_sessions') }}
    group by brand, {{ period_start('month', 'started_date') }}
),

episodes as (
    select
        podcasts.brand, {{ period_start('month', 'podcasts.date_day') }} as month_date, podcasts.platform,
        count(distinct podcasts.episode_id) as podcast_episode_count
    from {{ ref('customer_lifecycle', 'stg_marketing__podcast_daily') }} as podcasts
    cross join {{ ref('customer_lifecycle', 'as_of_date') }} as as_of
    where podcasts.listeners > 0 and {{ known_until('podcasts.deleted_date', 'as_of.as_of_date') }} = {{ end_of_time() }}
    group by podcasts.brand, {{ period_start('month', 'podcasts.date_day') }}, podcasts.platform
),

totals as (
    select
        brand, month_date, platform,
        {% for figure in sums + ['web_session_count', 'podcast_listener_count', 'podcast_download_count'] %}
        sum({{ figure }}) as {{ figure }},
        {% endfor %}
        max(case when has_deletions then 1 else 0 end) = 1 as has_deletions
    from days
    group by brand, month_date, platform
),

audience_monthly as (
    select
        totals.brand, totals.month_date, totals.platform,
        {% for figure in sums %}
        cast(totals.{{ figure }} as bigint) as {{ figure }},
        {% endfor %}
        {{ ratio_of('totals.engagement_count', 'totals.impression_count') }} as engagement_rate,
        cast(closings.follower_count as bigint) as period_end_follower_count,
        cast(totals.web_session_count as bigint) as web_session_count,
        cast(visitors.web_visitor_count as bigint) as web_visitor_count,
        cast(totals.podcast_listener_count as bigint) as podcast_listener_count,
        cast(totals.podcast_download_count as bigint) as podcast_download_count,
        cast(episodes.podcast_episode_count as bigint) as podcast_episode_count,
        totals.has_deletions,
        {{ add_months('totals.month_date', 1) }} <= {{ add_days('as_of.as_of_date', 1) }} as is_mature
    from totals
    cross join {{ ref('customer_lifecycle', 'as_of_date') }} as as_of
    {% for rows in ['closings', 'visitors', 'episodes'] %}
    left join {{ rows }}
        on
            totals.brand = {{ rows }}.brand
            and totals.month_date = {{ rows }}.month_date
            and totals.platform = {{ rows }}.platform
    {% endfor %}
)

select * from audience_monthly
