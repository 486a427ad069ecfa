-- An order that two vendors bring on one day, with one e-mail address and one amount, is probably one order and its
-- payment: then say `orders: false` for the vendor that is the till.
{{ config(severity='warn', enabled=filled_by('orders') | length > 1) }}

with

orders as (
    {%- for vendor in filled_by('orders') %}
    {{ 'union all' if not loop.first }}
    select
        '{{ vendor }}' as vendor, orders.brand, orders.order_id,
        lower(trim(coalesce(orders.email, customers.email))) as email,
        cast(orders.ordered_at as date) as ordered_date, orders.total_amount
    from {{ ref('customer_lifecycle_connectors', vendor ~ '__orders') }} as orders
    left join {{ ref('customer_lifecycle_connectors', vendor ~ '__customers') }} as customers
        on orders.brand = customers.brand and orders.customer_id = customers.customer_id
    {%- endfor %}
)

select
    one.brand, one.order_id, other.order_id as other_order_id, one.email, one.ordered_date, one.total_amount
from orders as one
inner join orders as other
    on one.brand = other.brand and one.email = other.email and one.ordered_date = other.ordered_date
    and one.total_amount = other.total_amount and one.vendor < other.vendor
