-- One row per customer that may be written to: its record says so, or says nothing and the customer has subscribed to the
-- newsletter; and it has not unsubscribed since, under whatever id.
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
