-- One row per order that counts, level (product, category) and what was bought in it: its part of what the order brought,
-- shared out by the prices of the lines. Two lines of one product are one product. Each level adds up to the order.
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

orders as (
    select
        brand, order_id, customer_key, ordered_date,
        cast(round(net_revenue_amount * 100) as bigint) as net_revenue_cents
    from {{ ref('customer_lifecycle', 'int_order_amounts') }}
    where is_valid
),

products as (
    -- a product that is taken off the list stays what it was for the orders before
    select * from {{ ref('customer_lifecycle', 'stg_shop__products') }}
),

items as (
    select items.*
    from {{ ref('customer_lifecycle', 'stg_shop__order_items') }} as items
    cross join as_of
    where items.deleted_date is null or items.deleted_date > as_of.as_of_date
),

lines as (
    -- an order whose lines are unknown was still bought
    select
        orders.brand, orders.order_id, orders.customer_key, orders.ordered_date, orders.net_revenue_cents,
        coalesce(items.product_id, case when items.is_gift_card then 'gift_card' else 'unknown' end) as product_id,
        coalesce(
            products.category, case when items.product_id is null and items.is_gift_card then 'gift_card' else 'unknown' end
        ) as category,
        case
            -- a gift card that is sold is no revenue of the order
            when coalesce(items.is_gift_card, products.is_gift_card, false) then 0
            else cast(100 * cast(greatest(
                coalesce(items.quantity, 1) * coalesce(items.unit_price, 0) - coalesce(items.discount_amount, 0), 0
            ) as decimal(18, 2)) as bigint)
        end as line_cents
    from orders
    left join items on orders.brand = items.brand and orders.order_id = items.order_id
    left join products on items.brand = products.brand and items.product_id = products.product_id
),

order_products as (
    select
        brand, order_id, customer_key, ordered_date, net_revenue_cents, product_id, category,
        sum(line_cents) as line_cents
    from lines
    group by brand, order_id, customer_key, ordered_date, net_revenue_cents, product_id, category
),

weights as (
    select
        *,
        case when sum(line_cents) over (partition by brand, order_id) > 0 then line_cents else 1 end as weight
    from order_products
),

{{ shared_out(
    'parts', rows='weights', units='net_revenue_cents', weight='weight', keys='brand, order_id',
    order_by='product_id, category', as='part_cents'
) }},

int_order_products as (
    {% for level in ['product', 'category'] %}
    {% set key = 'product_id' if level == 'product' else 'category' %}
    select
        brand,
        order_id,
        '{{ level }}' as product_level,
        {{ key }} as product_key,
        customer_key,
        ordered_date,
        cast(cast(sum(part_cents) as decimal(18, 0)) * cast(0.01 as decimal(3, 2)) as decimal(18, 2)) as net_revenue_amount
    from parts
    group by brand, order_id, {{ key }}, customer_key, ordered_date
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from int_order_products
