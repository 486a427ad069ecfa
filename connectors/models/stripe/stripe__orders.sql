-- One row per charge, where Stripe takes the orders itself. A charge that is not captured is no purchase yet.
{{ config(enabled=fills('stripe', 'orders')) }}

with

charges as (
    {{ vendor_rows('stripe', 'charges') }}
),

stripe__orders as (
    select
        brand,
        {{ vendor_id('stripe', 'id') }} as order_id,
        {{ vendor_id('stripe', 'customer_id') }} as customer_id,
        coalesce(receipt_email, billing_email) as email,
        created as ordered_at,
        case
            when status = 'succeeded' and captured = false then 'pending'
            when status = 'succeeded' then 'paid'
            else status
        end as status,
        upper(currency) as currency,
        {{ major_units('amount', 'currency') }} as total_amount,
        not livemode as is_test,
        loaded_at,
        deleted_at
    from charges
)

select * from stripe__orders
