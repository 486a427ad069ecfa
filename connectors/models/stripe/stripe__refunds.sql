-- One row per refund that succeeded, where Stripe takes the orders itself.
{{ config(enabled=fills('stripe', 'refunds')) }}

with

refunds as (
    {{ vendor_rows('stripe', 'refunds') }}
),

stripe__refunds as (
    select
        brand,
        {{ vendor_id('stripe', 'id') }} as refund_id,
        {{ vendor_id('stripe', 'charge_id') }} as order_id,
        created as refunded_at,
        {{ major_units('amount', 'currency') }} as amount,
        reason,
        loaded_at,
        deleted_at
    from refunds
    where status = 'succeeded'
)

select * from stripe__refunds
