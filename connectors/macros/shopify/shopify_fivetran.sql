{# Fivetran lands Shopify by its REST or its GraphQL API, in tables of the same names: which of the two shows in the columns. Amounts
   are those of the shop, never _pres_ ones, which are in the currency that the buyer saw; payments by REST are in that one (shopify__refunds). #}
{% macro shopify_fivetran() %}
{% set shape %}
orders:
  table: order
  columns:
    financial_status: [financial_status, display_financial_status]
    currency: [currency, currency_code]
    total_discounts: [total_discounts, total_discounts_set_shop_amount]
    total_shipping: total_shipping_price_set_shop_amount
    total_tax: [total_tax, total_tax_set_shop_amount]
    total_price: [total_price, total_price_set_shop_amount]
    total_tip: [total_tip_received, total_tip_received_set_shop_amount]
    presentment_total: [total_price_set_pres_amount, total_price_set.presentment_money.amount]
order_lines:
  table: order_line
  columns:
    line_total: original_total_set_shop_amount
    total_discount: [total_discount, total_discount_set_shop_amount]
    gift_card: [gift_card, is_gift_card]
shipping_lines:
  table: order_shipping_line
  columns:
    price: [price, original_price_set_shop_amount]
    discounted_price: [discounted_price, discounted_price_set_shop_amount]
shipping_taxes:
  table: order_shipping_tax_line
  columns: {shipping_line_id: order_shipping_line_id, price: [price, price_set_shop_amount]}
discount_codes:
  table: order_discount_code
  columns: {position: index}
transactions:
  table: transaction
  columns:
    amount: [amount_set_shop_amount, amount]
    currency: [amount_set_shop_currency_code, currency]
refunds: {table: refund}
products: {table: product}
variants: {table: product_variant}
inventory_items:
  table: inventory_item
  columns:
    unit_cost: [unit_cost_amount, cost]
    unit_cost_currency: unit_cost_currency_code
customers:
  table: customer
  columns:
    consent_state: email_marketing_consent_state
    consent_updated_at: [email_marketing_consent_consent_updated_at, email_marketing_consent_updated_at]
addresses: {table: customer_address}
checkouts:
  table: abandoned_checkout
  columns:
    total_line_items_price: [total_line_items_price, total_line_items_price_set_shop_amount]
    currency: [currency, total_price_set_shop_currency_code]
visits:
  table: customer_visit
  columns:
    utm_source: utm_parameters_source
    utm_medium: utm_parameters_medium
    utm_campaign: utm_parameters_campaign
{% endset %}
{{ return(fromyaml(shape)) }}
{% endmacro %}
