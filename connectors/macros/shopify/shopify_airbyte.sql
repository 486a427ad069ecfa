{# Airbyte lands one table per stream, with what Shopify nests in JSON columns. #}
{% macro shopify_airbyte() %}
{% set shape %}
orders:
  table: orders
  columns:
    customer_id: customer.id
    discount_code: discount_codes.0.code
    total_tip: total_tip_received
    presentment_total: total_price_set.presentment_money.amount
    deleted_at: deleted_at
order_lines:
  table: orders
  rows: line_items
  columns: {order_id: parent.id}
shipping_lines:
  table: orders
  rows: shipping_lines
  columns: {order_id: parent.id}
shipping_taxes:
  table: orders
  rows: [shipping_lines, tax_lines]
  columns: {order_id: parent.id}
transactions:
  table: order_refunds
  rows: transactions
  columns: {refund_id: parent.id}
refunds: {table: order_refunds}
products:
  table: products
  columns: {deleted_at: deleted_at}
variants: {table: product_variants}
inventory_items:
  table: inventory_items
  columns: {unit_cost: cost, unit_cost_currency: currency_code}
customers:
  table: customers
  columns:
    country_code: default_address.country_code
    city: default_address.city
    consent_state: email_marketing_consent.state
    consent_updated_at: email_marketing_consent.consent_updated_at
checkouts:
  table: abandoned_checkouts
  columns: {customer_id: customer.id}
{% endset %}
{{ return(fromyaml(shape)) }}
{% endmacro %}
