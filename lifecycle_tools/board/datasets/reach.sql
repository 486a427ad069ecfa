-- Audience of the media by platform.
select
    brand, month_date as month, $platform as platform,
    sum(impression_count) as impression_count, sum(engagement_count) as engagement_count,
    sum(period_end_follower_count) as follower_count, sum(web_session_count) as web_session_count,
    sum(podcast_download_count) as podcast_download_count, bool_and(is_mature) as is_mature
from marts.audience_monthly
group by all
