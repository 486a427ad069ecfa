-- One row per product; variations are sold under the product's name.
{{ config(enabled=fills('woocommerce', 'products')) }}

with

products as (
    {{ vendor_rows('woocommerce', 'products') }}
),

product_categories as (
    {{ vendor_rows('woocommerce', 'product_categories') }}
),

first_categories as (
    select brand, product_id, min(name) as name
    from product_categories
    where position = 0
    group by brand, product_id
),

woocommerce__products as (
    select
        products.brand,
        {{ vendor_id('woocommerce', 'products.id') }} as product_id,
        products.name,
        coalesce(products.category, first_categories.name) as category,
        products.unit_cost,
        products.loaded_at,
        products.deleted_at
    from products
    left join first_categories
        on products.brand = first_categories.brand and products.id = first_categories.product_id
)

select * from woocommerce__products
