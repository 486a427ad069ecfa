-- One row per visit that led to an order, as WooCommerce's order attribution keeps it among the order's metadata: the
-- last visit that came from somewhere. Orders entered by staff or by an app have none; two orders of one visit have one.
{{ config(enabled=fills('woocommerce', 'touchpoints')) }}
{%- set kept = [
    'source_type', 'session_start_time', 'utm_source', 'utm_medium', 'utm_campaign', 'referrer', 'session_entry'
] %}

with

orders as (
    {{ vendor_rows('woocommerce', 'orders') }}
),

order_meta as (
    {{ vendor_rows('woocommerce', 'order_meta') }}
),

-- a loader that lands metadata as JSON in a column of text leaves the quotation marks there
plain_meta as (
    select
        brand, order_id, meta_key,
        case
            when meta_value like '"%"' then substring(meta_value, 2, length(meta_value) - 2)
            else meta_value
        end as meta_value
    from order_meta
    where meta_key like '_wc_order_attribution_%'
),

attributions as (
    select
        brand,
        order_id
        {%- for name in kept %},
        max(case when meta_key = '_wc_order_attribution_{{ name }}' then meta_value end) as {{ name }}
        {%- endfor %}
    from plain_meta
    group by brand, order_id
),

visits as (
    select
        attributions.*, orders.customer_id, orders.billing_email, orders.loaded_at, orders.deleted_at,
        row_number() over (
            partition by orders.brand, orders.customer_id, orders.billing_email, attributions.session_start_time
            order by orders.id
        ) as place
    from attributions
    inner join orders on attributions.brand = orders.brand and attributions.order_id = orders.id
    where attributions.session_start_time is not null and lower(attributions.source_type) not in ('admin', 'mobile_app')
),

woocommerce__touchpoints as (
    select
        brand,
        {{ vendor_id('woocommerce', "'visit-' || order_id") }} as touchpoint_id,
        {{ as_timestamp({'value': 'session_start_time', 'family': 'text'}) }} as occurred_at,
        {{ vendor_id('woocommerce', "nullif(customer_id, '0')") }} as customer_id,
        billing_email as email,
        'visit' as touch_type,
        utm_source,
        utm_medium,
        utm_campaign,
        referrer,
        session_entry as landing_page,
        loaded_at,
        deleted_at
    from visits
    where place = 1
)

select * from woocommerce__touchpoints
