-- One row per refund, by card or by hand. The order knows its refunds, as negative amounts without a time; the refund
-- itself has the time.
{{ config(enabled=fills('woocommerce', 'refunds')) }}

with

order_refunds as (
    {{ vendor_rows('woocommerce', 'order_refunds') }}
),

refunds as (
    {{ vendor_rows('woocommerce', 'refunds') }}
),

woocommerce__refunds as (
    select
        order_refunds.brand,
        {{ vendor_id('woocommerce', 'order_refunds.id') }} as refund_id,
        {{ vendor_id('woocommerce', 'order_refunds.order_id') }} as order_id,
        refunds.date_created_gmt as refunded_at,
        coalesce(refunds.amount, -order_refunds.total) as amount,
        coalesce(order_refunds.reason, refunds.reason) as reason,
        order_refunds.loaded_at,
        order_refunds.deleted_at
    from order_refunds
    left join refunds on order_refunds.brand = refunds.brand and order_refunds.id = refunds.id
)

select * from woocommerce__refunds
