-- One row per review that is shown. A review has an e-mail address: the customer is the account of that address, or the
-- person whom the address itself names.
{{ config(enabled=fills('woocommerce', 'reviews')) }}

with

reviews as (
    {{ vendor_rows('woocommerce', 'reviews') }}
),

customers as (
    {{ vendor_rows('woocommerce', 'customers') }}
),

accounts as (
    select brand, lower(trim(email)) as email, min(id) as customer_id
    from customers
    where email is not null and deleted_at is null
    group by 1, 2
),

woocommerce__reviews as (
    select
        reviews.brand,
        {{ vendor_id('woocommerce', 'reviews.id') }} as review_id,
        coalesce({{ vendor_id('woocommerce', 'accounts.customer_id') }}, reviews.reviewer_email) as customer_id,
        {{ vendor_id('woocommerce', 'reviews.product_id') }} as product_id,
        nullif(reviews.rating, 0) as rating,
        reviews.date_created_gmt as published_at,
        reviews.loaded_at,
        reviews.deleted_at
    from reviews
    left join accounts on reviews.brand = accounts.brand and lower(trim(reviews.reviewer_email)) = accounts.email
    where lower(reviews.status) = 'approved' or reviews.status is null
)

select * from woocommerce__reviews
