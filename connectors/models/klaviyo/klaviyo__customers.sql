-- One row per profile. One that was never asked has not said yes; one that is suppressed gets no mailings, whatever it said.
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
        case
            when can_receive_email = false then false
            when lower(email_consent) = 'subscribed' then true
            when lower(email_consent) = 'unsubscribed' then false
        end as marketing_consent,
        updated as updated_at,
        loaded_at,
        deleted_at
    from profiles
)

select * from klaviyo__customers
