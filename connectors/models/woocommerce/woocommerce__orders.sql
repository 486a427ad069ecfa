-- One row per order. The price of the items is that before coupons; coupons are the discount.
{{ config(enabled=fills('woocommerce', 'orders')) }}

with

orders as (
    {{ vendor_rows('woocommerce', 'orders') }}
),

order_lines as (
    {{ vendor_rows('woocommerce', 'order_lines') }}
),

coupon_lines as (
    {{ vendor_rows('woocommerce', 'coupon_lines') }}
),

line_totals as (
    select brand, order_id, cast(sum(subtotal) as {{ sql_type('amount') }}) as subtotal
    from order_lines
    group by brand, order_id
),

numbered_coupons as (
    select
        brand, order_id, code,
        row_number() over (partition by brand, order_id order by id) as place
    from coupon_lines
),

woocommerce__orders as (
    select
        orders.brand,
        {{ vendor_id('woocommerce', 'orders.id') }} as order_id,
        -- 0 is a guest
        {{ vendor_id('woocommerce', "nullif(orders.customer_id, '0')") }} as customer_id,
        orders.billing_email as email,
        orders.date_created_gmt as ordered_at,
        case
            when lower(orders.status) in ('auto-draft', 'checkout-draft') then 'draft'
            when lower(orders.status) = 'trash' then 'voided'
            else lower(orders.status)
        end as status,
        orders.currency,
        line_totals.subtotal as subtotal_amount,
        orders.discount_total as discount_amount,
        orders.shipping_total as shipping_amount,
        orders.total_tax as tax_amount,
        orders.total as total_amount,
        numbered_coupons.code as discount_code,
        orders.created_via as sales_channel,
        orders.date_modified_gmt as updated_at,
        orders.loaded_at,
        orders.deleted_at
    from orders
    left join line_totals on orders.brand = line_totals.brand and orders.id = line_totals.order_id
    left join numbered_coupons
        on orders.brand = numbered_coupons.brand and orders.id = numbered_coupons.order_id
            and numbered_coupons.place = 1
)

select * from woocommerce__orders
