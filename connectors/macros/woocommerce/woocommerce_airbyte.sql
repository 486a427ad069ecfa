{# Airbyte lands one table per stream, with what WooCommerce nests in JSON columns. The stream of refunds does not say of which order they
   are; the list within the order does, and has no times. #}
{% macro woocommerce_airbyte() %}
{% set shape %}
orders:
  table: orders
  columns: {billing_email: billing.email}
order_lines:
  table: orders
  rows: line_items
  columns: {order_id: parent.id}
coupon_lines:
  table: orders
  rows: coupon_lines
  columns: {order_id: parent.id}
order_meta:
  table: orders
  rows: meta_data
  columns: {order_id: parent.id, meta_key: key, meta_value: value}
order_refunds:
  table: orders
  rows: refunds
  columns: {order_id: parent.id}
refunds: {table: refunds}
products:
  table: products
  columns: {category: categories.0.name, unit_cost: cost_of_goods_sold.total_value}
customers:
  table: customers
  columns: {phone: billing.phone, country: billing.country, city: billing.city}
reviews: {table: product_reviews}
{% endset %}
{{ return(fromyaml(shape)) }}
{% endmacro %}
