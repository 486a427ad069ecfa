-- One row per product, or per variant where `products_by` says so. A product of which variants cost differently has no cost
-- of its own.
{{ config(enabled=fills('shopify', 'products')) }}

with

products as (
    {{ vendor_rows('shopify', 'products') }}
),

variants as (
    {{ vendor_rows('shopify', 'variants') }}
),

inventory_items as (
    {{ vendor_rows('shopify', 'inventory_items') }}
),

costs as (
    select
        variants.brand,
        variants.{{ 'id' if option('shopify', 'products_by') == 'variant' else 'product_id' }} as product_id,
        min(inventory_items.unit_cost) as lowest_cost,
        max(inventory_items.unit_cost) as highest_cost,
        min(inventory_items.unit_cost_currency) as currency
    from variants
    inner join inventory_items on variants.brand = inventory_items.brand
        and variants.inventory_item_id = inventory_items.id
    where variants.deleted_at is null
    group by 1, 2
),

sold_things as (
    {% if option('shopify', 'products_by') == 'variant' -%}
    select
        products.brand, variants.id, products.title || ' ' || variants.title as title,
        products.product_type, products.is_gift_card, products.loaded_at, coalesce(products.deleted_at, variants.deleted_at) as deleted_at
    from products
    inner join variants on products.brand = variants.brand and products.id = variants.product_id
    {%- else -%}
    select * from products
    {%- endif %}
),

shopify__products as (
    select
        sold_things.brand,
        {{ vendor_id('shopify', 'sold_things.id') }} as product_id,
        sold_things.title as name,
        sold_things.product_type as category,
        sold_things.is_gift_card,
        case when costs.lowest_cost = costs.highest_cost then costs.lowest_cost end as unit_cost,
        costs.currency,
        sold_things.loaded_at,
        sold_things.deleted_at
    from sold_things
    left join costs on sold_things.brand = costs.brand and sold_things.id = costs.product_id
)

select * from shopify__products
