-- One row per payment back to the customer. Not by the lines of a refund: these leave out shipping and goodwill, and a
-- refund of which the payment failed has them too.
{{ config(enabled=fills('shopify', 'refunds')) }}

with

transactions as (
    {{ vendor_rows('shopify', 'transactions') }}
),

refunds as (
    {{ vendor_rows('shopify', 'refunds') }}
),

shopify__refunds as (
    select
        transactions.brand,
        {{ vendor_id('shopify', 'transactions.id') }} as refund_id,
        {{ vendor_id('shopify', 'transactions.order_id') }} as order_id,
        coalesce(transactions.processed_at, transactions.created_at) as refunded_at,
        transactions.amount,
        refunds.note as reason,
        transactions.loaded_at,
        transactions.deleted_at
    from transactions
    left join refunds on transactions.brand = refunds.brand and transactions.refund_id = refunds.id
    where lower(transactions.kind) = 'refund' and lower(transactions.status) = 'success'
)

select * from shopify__refunds
