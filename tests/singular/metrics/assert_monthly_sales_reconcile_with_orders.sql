-- Whatever is valid is sold once, to a customer or to an unidentified visitor: orders and revenue of all months and
-- dimensions add up to those of the orders, to the cent. An order of nothing but gift cards is not a sale yet.
with

sold as (
    select brand, sum(order_count) as order_count, sum(revenue_amount) as revenue_amount
    from {{ ref('customer_lifecycle', 'order_metrics_monthly') }}
    group by brand
),

orders as (
    select amounts.brand, count(*) as order_count, sum(amounts.revenue_amount) as revenue_amount
    from {{ ref('customer_lifecycle', 'int_order_amounts') }} as amounts
    left join {{ ref('customer_lifecycle', 'int_order_gift_cards') }} as gift_cards
        on amounts.brand = gift_cards.brand and amounts.order_id = gift_cards.order_id
    where amounts.is_valid and not coalesce(gift_cards.is_gift_card_only, false)
    group by amounts.brand
)

select orders.brand, orders.order_count, orders.revenue_amount, sold.revenue_amount as sold_revenue_amount
from orders
left join sold on orders.brand = sold.brand
where
    orders.order_count <> coalesce(sold.order_count, 0)
    or orders.revenue_amount <> coalesce(sold.revenue_amount, 0)
