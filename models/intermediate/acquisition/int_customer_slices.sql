-- One row per customer, with the attributes by which marts are sliced: never null, 'unknown' where nothing is known.
with

int_customer_slices as (
    select
        customers.customer_key,
        customers.brand,
        channels.acquisition_channel,
        coalesce(customers.country_code, 'unknown') as country_code,
        coalesce(customers.segment, 'unknown') as segment
    from {{ ref('int_customers') }} as customers
    inner join {{ ref('int_customer_acquisition_channels') }} as channels
        on customers.customer_key = channels.customer_key
)

select * from int_customer_slices
