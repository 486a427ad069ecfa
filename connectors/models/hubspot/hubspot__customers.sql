-- One row per contact. One that was merged into another has its row as long as the loader keeps it.
{{ config(enabled=fills('hubspot', 'customers')) }}

with

contacts as (
    {{ vendor_rows('hubspot', 'contacts') }}
),

hubspot__customers as (
    select
        brand,
        {{ vendor_id('hubspot', 'id') }} as customer_id,
        email,
        phone,
        firstname as first_name,
        lastname as last_name,
        createdate as created_at,
        country as country_code,
        city,
        lower(analytics_source) as acquisition_source,
        -- who has not opted out has not agreed by that: the marketing status says to whom mailings may go
        case when is_opted_out then false else is_marketable end as marketing_consent,
        lastmodifieddate as updated_at,
        loaded_at,
        coalesce(deleted_at, case when is_deleted then loaded_at end) as deleted_at
    from contacts
)

select * from hubspot__customers
