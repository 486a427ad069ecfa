-- Products add up to all revenue of the orders that count, and so do categories.
with

orders as (
    select
        brand,
        sum(net_revenue_amount) as net_revenue_amount
    from {{ ref('customer_lifecycle', 'int_order_amounts') }}
    where is_valid
    group by brand
),

levels as (
    {% for level in ['product', 'category'] %}
    select
        brand,
        '{{ level }}' as product_level,
        net_revenue_amount
    from orders
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

products as (
    select
        brand,
        product_level,
        sum(net_revenue_amount) as net_revenue_amount
    from {{ ref('customer_lifecycle', 'product_lifecycle') }}
    group by brand, product_level
)

select levels.*
from levels
left join products on levels.brand = products.brand and levels.product_level = products.product_level
where products.net_revenue_amount is null or products.net_revenue_amount <> levels.net_revenue_amount
