-- One row per profile. Whether it may be written to, the last answer to mailings says (klaviyo__engagements).
{{ config(enabled=fills('klaviyo', 'customers')) }}

with

profiles as (
    {{ vendor_rows('klaviyo', 'profiles') }}
),

klaviyo__customers as (
    select
        brand,
        {{ vendor_id('klaviyo', 'id') }} as customer_id,
        email,
        phone_number as phone,
        first_name,
        last_name,
        created as created_at,
        country as country_code,
        city,
        updated as updated_at,
        loaded_at,
        deleted_at
    from profiles
)

select * from klaviyo__customers
