-- One row per customer record. Stripe has one name, which may be a company's: it stands as the last name.
{{ config(enabled=fills('stripe', 'customers')) }}

with

customers as (
    {{ vendor_rows('stripe', 'customers') }}
),

stripe__customers as (
    select
        brand,
        {{ vendor_id('stripe', 'id') }} as customer_id,
        email,
        phone,
        name as last_name,
        created as created_at,
        country as country_code,
        city,
        not livemode as is_test,
        loaded_at,
        coalesce(deleted_at, case when is_deleted then loaded_at end) as deleted_at
    from customers
)

select * from stripe__customers
