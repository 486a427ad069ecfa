{# Shopify's tables as the meaning layer reads them, in the words of its REST API; amounts are in the currency of the shop. #}
{% macro shopify_form() %}
{% set form %}
orders:
  id: text required
  customer_id: text
  email: text
  created_at: timestamp
  processed_at: timestamp
  updated_at: timestamp
  cancelled_at: timestamp
  financial_status: text
  currency: text
  total_line_items_price: amount
  total_discounts: amount
  total_shipping: amount
  total_tax: amount
  total_price: amount required
  total_tip: amount
  taxes_included: boolean
  presentment_total: amount
  cart_token: text
  discount_code: text
  source_name: text
  test: boolean
order_lines:
  id: text required
  order_id: text required
  product_id: text
  variant_id: text
  quantity: count
  price: amount
  line_total: amount
  total_discount: amount
  gift_card: boolean
shipping_lines:
  id: text
  order_id: text required
  price: amount
  discounted_price: amount
  is_removed: boolean
shipping_taxes:
  order_id: text
  shipping_line_id: text
  price: amount
discount_codes:
  order_id: text required
  position: count
  code: text
transactions:
  id: text required
  order_id: text
  refund_id: text
  kind: text
  status: text
  amount: amount
  currency: text
  created_at: timestamp
  processed_at: timestamp
refunds:
  id: text required
  note: text
products:
  id: text required
  title: text
  product_type: text
  is_gift_card: boolean
variants:
  id: text required
  product_id: text required
  title: text
  inventory_item_id: text
inventory_items:
  id: text required
  unit_cost: amount
  unit_cost_currency: text
customers:
  id: text required
  email: text
  phone: text
  first_name: text
  last_name: text
  created_at: timestamp
  updated_at: timestamp
  country_code: text
  city: text
  accepts_marketing: boolean
  consent_state: text
  consent_updated_at: timestamp
addresses:
  customer_id: text required
  is_default: boolean
  id: text
  country_code: text
  city: text
checkouts:
  id: text required
  cart_token: text
  customer_id: text
  created_at: timestamp
  updated_at: timestamp
  completed_at: timestamp
  total_line_items_price: amount
  currency: text
visits:
  id: text required
  order_id: text required
  occurred_at: timestamp
  landing_page: text
  referrer_url: text
  utm_source: text
  utm_medium: text
  utm_campaign: text
{% endset %}
{{ return(fromyaml(form)) }}
{% endmacro %}
