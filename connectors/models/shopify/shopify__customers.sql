-- One row per customer record. A guest who checks out has one, too, so that its date tells of no sign-up.
{{ config(enabled=fills('shopify', 'customers')) }}

with

customers as (
    {{ vendor_rows('shopify', 'customers') }}
),

addresses as (
    {{ vendor_rows('shopify', 'addresses') }}
),

default_addresses as (
    select
        brand, customer_id, country_code, city,
        row_number() over (partition by brand, customer_id order by id) as place
    from addresses
    where is_default and deleted_at is null
),

shopify__customers as (
    select
        customers.brand,
        {{ vendor_id('shopify', 'customers.id') }} as customer_id,
        customers.email,
        customers.phone,
        customers.first_name,
        customers.last_name,
        customers.created_at,
        coalesce(customers.country_code, default_addresses.country_code) as country_code,
        coalesce(customers.city, default_addresses.city) as city,
        -- the older of the two columns says the same where a loader still brings it
        case
            when customers.consent_state is null then customers.accepts_marketing
            else lower(customers.consent_state) = 'subscribed'
        end as marketing_consent,
        customers.updated_at,
        customers.loaded_at,
        customers.deleted_at
    from customers
    left join default_addresses
        on customers.brand = default_addresses.brand and customers.id = default_addresses.customer_id
            and default_addresses.place = 1
)

select * from shopify__customers
