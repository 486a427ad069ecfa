-- One row per product; variations are sold under the product's name.
{{ config(enabled=fills('woocommerce', 'products')) }}

with

products as (
    {{ vendor_rows('woocommerce', 'products') }}
),

product_categories as (
    {{ vendor_rows('woocommerce', 'product_categories') }}
),

categories as (
    {{ vendor_rows('woocommerce', 'categories') }}
),

-- a product has its categories in an order, or in none: then the oldest category counts
numbered_categories as (
    select
        product_categories.brand, product_categories.product_id,
        coalesce(product_categories.name, categories.name) as name,
        row_number() over (
            partition by product_categories.brand, product_categories.product_id
            order by coalesce(product_categories.position, 0), product_categories.category_id
        ) as place
    from product_categories
    left join categories on product_categories.brand = categories.brand and product_categories.category_id = categories.id
    where product_categories.deleted_at is null
),

woocommerce__products as (
    select
        products.brand,
        {{ vendor_id('woocommerce', 'products.id') }} as product_id,
        products.name,
        coalesce(products.category, numbered_categories.name) as category,
        products.unit_cost,
        products.loaded_at,
        products.deleted_at
    from products
    left join numbered_categories
        on products.brand = numbered_categories.brand and products.id = numbered_categories.product_id
            and numbered_categories.place = 1
)

select * from woocommerce__products
