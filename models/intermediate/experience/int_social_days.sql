-- One row per date and social platform that still counts at the as-of date, with how the number of followers has moved since
-- it was last reported. Followers are a running counter; all other figures are the day's own.
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

reports as (
    select reports.*, coalesce(reports.is_paid, false) as is_of_paid_posts
    from {{ ref('customer_lifecycle', 'stg_marketing__social_daily') }} as reports
    cross join as_of
    where {{ known_until('reports.deleted_date', 'as_of.as_of_date') }} = {{ end_of_time() }}
),

social_days as (
    -- paid and organic posts of one day are two rows with the same followers
    select
        brand,
        platform,
        date_day,
        sum(case when is_of_paid_posts then impressions end) as paid_impressions,
        sum(case when not is_of_paid_posts then impressions end) as organic_impressions,
        {% for figure in ['impressions', 'likes', 'comments', 'shares', 'mentions'] %}
        sum({{ figure }}) as {{ figure }},
        {% endfor %}
        coalesce(max(case when not is_of_paid_posts then followers_total end), max(followers_total)) as followers_total
    from reports
    group by brand, platform, date_day
),

counters as (
    -- a day without a figure is passed over: the next one is compared with the last that is known
    select
        brand,
        platform,
        date_day,
        followers_total - lag(followers_total) over (partition by brand, platform order by date_day)
            as net_new_follower_count,
        lag(date_day) over (partition by brand, platform order by date_day) as previous_date
    from social_days
    where followers_total is not null
),

int_social_days as (
    select
        social_days.brand,
        social_days.platform,
        social_days.paid_impressions as paid_impression_count,
        social_days.organic_impressions as organic_impression_count,
        social_days.impressions as impression_count,
        social_days.followers_total as follower_count,
        counters.net_new_follower_count,
        {{ days_between('counters.previous_date', 'social_days.date_day') }} as follower_gap_days,
        social_days.likes as like_count,
        social_days.comments as comment_count,
        social_days.shares as share_count,
        social_days.mentions as mention_count,
        -- what people did with what they were shown; a mention is another person's post
        case
            when social_days.likes is not null or social_days.comments is not null or social_days.shares is not null
                then coalesce(social_days.likes, 0) + coalesce(social_days.comments, 0) + coalesce(social_days.shares, 0)
        end as engagement_count,
        coalesce(
            counters.net_new_follower_count < 0 or social_days.likes < 0 or social_days.comments < 0
            or social_days.shares < 0 or social_days.mentions < 0,
            false
        ) as has_deletions,
        social_days.date_day
    from social_days
    left join counters
        on
            social_days.brand = counters.brand
            and social_days.platform = counters.platform
            and social_days.date_day = counters.date_day
)

select * from int_social_days
