-- One row per month in which customers published reviews or content of their own.
with

as_of as (
    select as_of_date from {{ ref('stg_calendar__as_of_date') }}
),

counts as (
    select
        reviews.brand,
        {{ period_start('month', 'reviews.published_date') }} as month_date,
        count(*) as published_count,
        count(distinct memberships.customer_key) as author_count,
        count(reviews.rating) as rated_review_count,
        sum(case when reviews.rating >= 4 then 1 else 0 end) as positive_review_count,
        sum(case when reviews.is_user_content then 1 else 0 end) as user_content_count
    from {{ ref('stg_feedback__reviews') }} as reviews
    cross join as_of
    inner join {{ ref('int_identity_memberships') }} as memberships on reviews.person_id = memberships.person_id
    where
        memberships.valid_to = {{ end_of_time() }}
        and {{ known_until('reviews.deleted_date', 'as_of.as_of_date') }} = {{ end_of_time() }}
    group by reviews.brand, {{ period_start('month', 'reviews.published_date') }}
),

user_content_monthly as (
    select
        counts.brand,
        counts.month_date,
        cast(counts.published_count as bigint) as published_count,
        cast(counts.author_count as bigint) as author_count,
        cast(counts.rated_review_count as bigint) as rated_review_count,
        cast(counts.positive_review_count as bigint) as positive_review_count,
        {{ ratio_of('counts.positive_review_count', 'counts.rated_review_count') }} as positive_review_rate,
        cast(counts.user_content_count as bigint) as user_content_count,
        {{ add_months('counts.month_date', 1) }} <= {{ add_days('as_of.as_of_date', 1) }} as is_mature
    from counts
    cross join as_of
)

select * from user_content_monthly
