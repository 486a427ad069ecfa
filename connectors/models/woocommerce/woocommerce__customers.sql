-- One row per account of a customer. Guests have none: their orders carry an e-mail address.
{{ config(enabled=fills('woocommerce', 'customers')) }}

with

customers as (
    {{ vendor_rows('woocommerce', 'customers') }}
),

woocommerce__customers as (
    select
        brand,
        {{ vendor_id('woocommerce', 'id') }} as customer_id,
        email,
        phone,
        first_name,
        last_name,
        date_created_gmt as created_at,
        country as country_code,
        city,
        date_modified_gmt as updated_at,
        loaded_at,
        deleted_at
    from customers
)

select * from woocommerce__customers
