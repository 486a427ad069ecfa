-- One row per payment back to the customer. Not by the lines of a refund: these leave out shipping and goodwill, and a
-- refund of which the payment failed has them too. Shopify's REST API gives a payment in the currency that the buyer saw:
-- it comes back at the rate of the order.
{{ config(enabled=fills('shopify', 'refunds')) }}

with

transactions as (
    {{ vendor_rows('shopify', 'transactions') }}
),

refunds as (
    {{ vendor_rows('shopify', 'refunds') }}
),

orders as (
    {{ vendor_rows('shopify', 'orders') }}
),

shopify__refunds as (
    select
        transactions.brand,
        {{ vendor_id('shopify', 'transactions.id') }} as refund_id,
        {{ vendor_id('shopify', 'transactions.order_id') }} as order_id,
        coalesce(transactions.processed_at, transactions.created_at) as refunded_at,
        case
            when upper(transactions.currency) <> upper(orders.currency)
            then cast(
                transactions.amount * orders.total_price / nullif(orders.presentment_total, 0) as {{ sql_type('amount') }}
            )
            else transactions.amount
        end as amount,
        refunds.note as reason,
        transactions.loaded_at,
        transactions.deleted_at
    from transactions
    left join refunds on transactions.brand = refunds.brand and transactions.refund_id = refunds.id
    left join orders on transactions.brand = orders.brand and transactions.order_id = orders.id
    where lower(transactions.kind) = 'refund' and lower(transactions.status) = 'success'
)

select * from shopify__refunds
