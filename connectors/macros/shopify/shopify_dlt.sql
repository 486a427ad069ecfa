{# dlt lands what Shopify nests in child tables, and objects as columns with two underscores. #}
{% macro shopify_dlt() %}
{% set shape %}
orders:
  table: orders
  columns:
    customer_id: customer__id
    total_tip: total_tip_received
    presentment_total: total_price_set__presentment_money__amount
order_lines:
  table: orders__line_items
  parent: orders
  columns: {order_id: parent.id}
shipping_lines:
  table: orders__shipping_lines
  parent: orders
  columns: {order_id: parent.id}
shipping_taxes:
  table: orders__shipping_lines__tax_lines
  parent: [orders__shipping_lines, orders]
  columns: {shipping_line_id: parent.id}
discount_codes:
  table: orders__discount_codes
  parent: orders
  columns: {order_id: parent.id, position: _dlt_list_idx}
transactions:
  table: orders__refunds__transactions
  parent: [orders__refunds, orders]
  columns: {refund_id: parent.id}
refunds:
  table: orders__refunds
  parent: orders
products: {table: products}
variants:
  table: products__variants
  parent: products
  columns: {product_id: parent.id}
customers:
  table: customers
  columns:
    country_code: default_address__country_code
    city: default_address__city
    consent_state: email_marketing_consent__state
    consent_updated_at: email_marketing_consent__consent_updated_at
{% endset %}
{{ return(fromyaml(shape)) }}
{% endmacro %}
