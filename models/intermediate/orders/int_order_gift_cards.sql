-- One row per order in which a gift card was sold, or that says what was paid by one: the money that is owed to the holders,
-- and the part of the price that the total leaves out. Such orders are few, so only their items are added up.
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

gift_card_products as (
    select
        brand,
        product_id
    from {{ ref('customer_lifecycle', 'stg_shop__products') }}
    where is_gift_card
),

paid_orders as (
    select * from {{ ref('customer_lifecycle', 'stg_shop__orders') }}
    where gift_card_amount > 0
),

items as (
    -- base and not staging, which would look up the order of every item
    select
        items.brand,
        items.order_id,
        coalesce(items.is_gift_card, gift_card_products.product_id is not null) as is_gift_card,
        items.quantity * items.unit_price - coalesce(items.discount_amount, 0) as line_amount
    from {{ ref('customer_lifecycle', 'base_shop__order_items') }} as items
    cross join as_of
    left join gift_card_products
        on items.brand = gift_card_products.brand and items.product_id = gift_card_products.product_id
    left join paid_orders on items.brand = paid_orders.brand and items.order_id = paid_orders.order_id
    where
        items.rejection_reason is null
        and (items.deleted_date is null or items.deleted_date > as_of.as_of_date)
        and (items.is_gift_card or gift_card_products.product_id is not null or paid_orders.order_id is not null)
),

sums as (
    select
        brand,
        order_id,
        sum(case when is_gift_card then line_amount end) as sold_amount,
        sum(line_amount) as items_amount
    from items
    group by brand, order_id
),

prices as (
    select
        orders.brand,
        orders.order_id,
        orders.total_amount,
        coalesce(orders.gift_card_amount, 0) as gift_card_amount,
        greatest(coalesce(sums.sold_amount, 0), 0) as sold_amount,
        coalesce(orders.shipping_amount, 0) as shipping_amount,
        coalesce(orders.tax_amount, 0) as tax_amount,
        coalesce(orders.subtotal_amount, sums.items_amount) - coalesce(orders.discount_amount, 0)
        + coalesce(orders.shipping_amount, 0) as untaxed_amount,
        coalesce(orders.subtotal_amount, sums.items_amount) + coalesce(orders.shipping_amount, 0)
        + coalesce(orders.tax_amount, 0) - orders.total_amount as unpaid_amount
    from {{ ref('customer_lifecycle', 'stg_shop__orders') }} as orders
    left join sums on orders.brand = sums.brand and orders.order_id = sums.order_id
    where orders.gift_card_amount > 0 or sums.sold_amount is not null
),

totals as (
    -- a total that is the price, with or without tax, has what the card paid already; no card pays more than the price
    select
        *,
        case
            when total_amount >= untaxed_amount + tax_amount - 0.01 or abs(total_amount - untaxed_amount) <= 0.01 then 0
            when gift_card_amount > unpaid_amount then greatest(unpaid_amount, 0)
            else gift_card_amount
        end as left_out_amount
    from prices
),

int_order_gift_cards as (
    select
        brand,
        order_id,
        cast(left_out_amount as decimal(18, 2)) as left_out_amount,
        cast(sold_amount as decimal(18, 2)) as sold_amount,
        sold_amount > 0 and total_amount + left_out_amount - shipping_amount - tax_amount <= sold_amount as is_gift_card_only
    from totals
)

select * from int_order_gift_cards
