{# dlt has no source of its own for WooCommerce: these are the tables that its source for any REST API makes of WooCommerce's answers
   (docs/load_with_dlt.md). Lists are child tables, objects columns with two underscores. #}
{% macro woocommerce_dlt() %}
{% set shape %}
orders:
  table: orders
  columns: {billing_email: billing__email}
order_lines:
  table: orders__line_items
  parent: orders
  columns: {order_id: parent.id}
coupon_lines:
  table: orders__coupon_lines
  parent: orders
  columns: {order_id: parent.id}
order_meta:
  table: orders__meta_data
  parent: orders
  columns: {order_id: parent.id, meta_key: key, meta_value: value}
order_refunds:
  table: orders__refunds
  parent: orders
  columns: {order_id: parent.id}
refunds: {table: refunds}
products:
  table: products
  columns: {unit_cost: cost_of_goods_sold__total_value}
product_categories:
  table: products__categories
  parent: products
  columns: {product_id: parent.id, category_id: id, position: _dlt_list_idx}
customers:
  table: customers
  columns: {phone: billing__phone, country: billing__country, city: billing__city}
reviews: {table: [product_reviews, reviews]}
{% endset %}
{{ return(fromyaml(shape)) }}
{% endmacro %}
