-- One row per month in which customers published reviews or content of their own. Of one customer's reviews of one product
-- within the hour the last counts: the others are the same click, or its correction.
{% set second_review_minutes = 60 %}
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

reviews as (
    select
        reviews.brand, reviews.rating, reviews.is_user_content, reviews.published_at, identity_map.customer_key,
        {{ period_start('month', 'reviews.published_date') }} as month_date,
        lead(reviews.published_at) over (
            partition by
                reviews.brand, identity_map.customer_key, reviews.product_id, reviews.is_user_content,
                {{ period_start('month', 'reviews.published_date') }}
            order by reviews.published_at asc, reviews.review_id desc
        ) as next_published_at
    from {{ ref('customer_lifecycle', 'stg_feedback__reviews') }} as reviews
    cross join as_of
    inner join {{ ref('customer_lifecycle', 'int_identity_map') }} as identity_map
        on reviews.person_id = identity_map.person_id
    where
        identity_map.valid_to = {{ end_of_time() }}
        and {{ known_until('reviews.deleted_date', 'as_of.as_of_date') }} = {{ end_of_time() }}
),

counts as (
    select
        brand,
        month_date,
        count(*) as published_count,
        count(distinct customer_key) as author_count,
        count(rating) as rated_review_count,
        sum(case when rating >= 4 then 1 else 0 end) as positive_review_count,
        sum(case when is_user_content then 1 else 0 end) as user_content_count
    from reviews
    where
        next_published_at is null
        or {{ seconds_between('published_at', 'next_published_at') }} > {{ 60 * second_review_minutes }}
    group by brand, month_date
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
