-- One row per customer that may be written to: its record says so, or the record says nothing and the customer has
-- subscribed to the newsletter. In both cases the customer has not unsubscribed since, under any of its ids.
with

int_marketing_consents as (
    select
        customer_key,
        brand,
        customer_id
    from {{ ref('customer_lifecycle', 'int_customer_consents') }}
    where has_marketing_consent
)

select * from int_marketing_consents
