{# Fivetran lands what WooCommerce nests in tables of their own, in the words of the API: amounts are without tax here, too. Until July 2023
   the table of orders was called order. #}
{% macro woocommerce_fivetran() %}
{% set shape %}
orders: {table: [orders, order]}
order_lines: {table: order_line_item}
coupon_lines: {table: order_coupon_line}
order_meta:
  table: order_metadata
  columns: {meta_key: key, meta_value: value}
order_refunds: {table: refund}
refunds: {table: refund}
products: {table: product}
product_categories: {table: product_category}
categories: {table: category}
customers:
  table: customer
  columns: {phone: billing_phone, country: billing_country, city: billing_city}
reviews: {table: product_review}
{% endset %}
{{ return(fromyaml(shape)) }}
{% endmacro %}
