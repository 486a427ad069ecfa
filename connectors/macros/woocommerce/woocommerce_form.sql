{# WooCommerce's tables as the meaning layer reads them, in the words of its REST API. Of each time that the API gives twice, the one in UTC
   (_gmt); the other is in the time zone of the site. Amounts are without tax, but for totals of orders. #}
{% macro woocommerce_form() %}
{% set form %}
orders:
  id: text required
  status: text
  currency: text
  date_created_gmt: timestamp
  date_modified_gmt: timestamp
  discount_total: amount
  shipping_total: amount
  total_tax: amount
  total: amount required
  customer_id: text
  billing_email: text
  created_via: text
order_lines:
  id: text required
  order_id: text required
  product_id: text
  variation_id: text
  quantity: number
  subtotal: amount
  total: amount
coupon_lines:
  id: text required
  order_id: text required
  code: text
order_meta:
  order_id: text required
  meta_key: text
  meta_value: text
order_refunds:
  id: text required
  order_id: text required
  reason: text
  total: amount
refunds:
  id: text required
  date_created_gmt: timestamp
  amount: amount
  reason: text
products:
  id: text required
  name: text
  category: text
  unit_cost: amount
product_categories:
  product_id: text required
  category_id: count
  position: count
  name: text
categories:
  id: count required
  name: text
customers:
  id: text required
  email: text
  first_name: text
  last_name: text
  phone: text
  country: text
  city: text
  date_created_gmt: timestamp
  date_modified_gmt: timestamp
reviews:
  id: text required
  product_id: text
  status: text
  reviewer_email: text
  rating: count
  date_created_gmt: timestamp
{% endset %}
{{ return(fromyaml(form)) }}
{% endmacro %}
