-- One row per raw customer without a usable row: rows that refer to it belong to a test account, or are orphans.
{{ config(materialized='table') }}

with

customers as (
    select * from {{ ref('customer_lifecycle', 'base_shop__customers') }}
),

base_shop__rejected_customers as (
    select
        brand,
        customer_id,
        max(case when rejection_reason = 'test_account' then 'test_account' else 'orphan_reference' end)
            as rejection_reason
    from customers
    where customer_id is not null
    group by brand, customer_id
    having count(*) = count(rejection_reason)
)

select * from base_shop__rejected_customers
