-- One row per customer record. The shop has one of the same person: both are joined by e-mail address.
{{ config(enabled=fills('recharge', 'customers')) }}

with

customers as (
    {{ vendor_rows('recharge', 'customers') }}
),

recharge__customers as (
    select
        brand,
        {{ vendor_id('recharge', 'id') }} as customer_id,
        email,
        phone,
        first_name,
        last_name,
        created_at,
        updated_at,
        loaded_at,
        deleted_at
    from customers
)

select * from recharge__customers
