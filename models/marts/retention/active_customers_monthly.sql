-- One row per month: how many customers were active on at least one of its days, the denominator of rates of tickets and
-- invitations.
{{ config(materialized='view') }}
with

active_customers_monthly as (
    select brand, month_date, active_customer_count, is_mature
    from {{ ref('customer_lifecycle', 'int_active_customers_monthly') }}
)

select * from active_customers_monthly
