-- One row per moment from which a device belongs to another customer than before: whoever logged in last.
{{ config(enabled=fills('ga4', 'identity_links')) }}

with

logged_in_events as (
    select
        ga4__events.*,
        lag(customer_id) over (partition by brand, anonymous_id order by event_number) as earlier_customer_id
    from {{ ref('ga4__events') }} as ga4__events
    where customer_id is not null
),

ga4__identity_links as (
    select
        brand,
        {{ vendor_id('ga4', "anonymous_id || '.' || cast(event_number as " ~ sql_type('text') ~ ")") }} as link_id,
        occurred_at as linked_at,
        'anonymous_id' as id_type,
        anonymous_id as id_value,
        customer_id,
        occurred_at as loaded_at
    from logged_in_events
    where earlier_customer_id is null or earlier_customer_id <> customer_id
)

select * from ga4__identity_links
