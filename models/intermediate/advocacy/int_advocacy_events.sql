-- One row per act of recommending and period [known_from, known_until) in which it counts: a referral that converted, an
-- affiliate sale by a customer, published user content, a review of 4 or 5 out of 5. A customer who reviews a product again
-- within the hour has changed its mind, or sent the review twice: from then on the last one counts.
{{ config(materialized='view') }}
{% set attempts = 'partition by brand, person_id, product_id order by published_at asc, review_id desc' %}
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

numbered_reviews as (
    select
        *,
        lead(published_at) over ({{ attempts }}) as next_published_at,
        lead(published_date) over ({{ attempts }}) as next_published_date
    from {{ ref('customer_lifecycle', 'stg_feedback__reviews') }}
),

reviews as (
    select
        *,
        case
            when {{ seconds_between('published_at', 'next_published_at') }} <= 3600
                then least(next_published_date, coalesce(deleted_date, next_published_date))
            else deleted_date
        end as ended_date
    from numbered_reviews
),

affiliate_sales as (
    select * from {{ ref('customer_lifecycle', 'stg_referral__affiliate_sales') }}
),

int_advocacy_events as (
    select
        brand,
        referrer_person_id as person_id,
        'referrals' as source_table,
        referral_id as source_row,
        converted_date as event_date,
        valid_from as known_from,
        valid_to as known_until,
        stated_until
    from {{ ref('customer_lifecycle', 'int_referral_conversions') }}

    union all

    select
        reviews.brand, reviews.person_id, 'reviews', reviews.review_id,
        reviews.published_date, reviews.published_date as known_from,
        {{ known_until('reviews.ended_date', 'as_of.as_of_date') }} as known_until,
        {{ known_until('reviews.ended_date', 'as_of.as_of_date') }} as stated_until
    from reviews
    cross join as_of
    where reviews.rating >= 4 or reviews.is_user_content

    union all

    select
        sales.brand, sales.affiliate_person_id, 'affiliate_sales', sales.affiliate_sale_id,
        sales.occurred_date, sales.occurred_date as known_from,
        {{ known_until('sales.deleted_date', 'as_of.as_of_date') }} as known_until,
        {{ known_until('sales.deleted_date', 'as_of.as_of_date') }} as stated_until
    from affiliate_sales as sales
    cross join as_of
    where sales.affiliate_person_id is not null
)

select * from int_advocacy_events
