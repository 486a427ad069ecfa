-- One row per customer record whose e-mail address another vendor's customer has, too: both are one person, from the later
-- record on. The vendor that the var `connectors` names first keeps its customer; of several with one address, the oldest.
{{ config(enabled=joins_people()) }}

with

customers as (
    {%- for vendor in filled_by('customers') %}
    {{ 'union all' if not loop.first }}
    select
        brand, customer_id, lower(trim(email)) as email, created_at, loaded_at, {{ loop.index }} as vendor_rank
    from {{ ref('customer_lifecycle_connectors', vendor ~ '__customers') }}
    where email is not null and deleted_at is null
    {%- endfor %}
),

ranked_customers as (
    select
        customers.*,
        row_number() over (
            partition by brand, email
            -- one without a date comes last, on every engine
            order by vendor_rank, case when created_at is null then 1 else 0 end, created_at, customer_id
        ) as place
    from customers
),

same_email__identity_links as (
    select
        duplicates.brand,
        'same-email-' || duplicates.customer_id as link_id,
        case
            when survivors.created_at > duplicates.created_at then survivors.created_at
            else duplicates.created_at
        end as linked_at,
        'customer_id' as id_type,
        duplicates.customer_id as id_value,
        survivors.customer_id,
        duplicates.loaded_at
    from ranked_customers as duplicates
    inner join ranked_customers as survivors
        on duplicates.brand = survivors.brand and duplicates.email = survivors.email and survivors.place = 1
    where duplicates.vendor_rank > survivors.vendor_rank
)

select * from same_email__identity_links
