-- One row per user who is no staff. Zendesk has one name: it stands as the last name.
{{ config(enabled=fills('zendesk', 'customers')) }}

with

users as (
    {{ vendor_rows('zendesk', 'users') }}
),

zendesk__customers as (
    select
        brand,
        {{ vendor_id('zendesk', 'id') }} as customer_id,
        email,
        phone,
        name as last_name,
        created_at,
        updated_at,
        loaded_at,
        deleted_at
    from users
    where coalesce(lower(role), 'end-user') = 'end-user'
)

select * from zendesk__customers
