{# Recharge's tables as the meaning layer reads them, in the words of its API. #}
{% macro recharge_form() %}
{% set form %}
customers:
  id: text required
  email: text
  phone: text
  first_name: text
  last_name: text
  created_at: timestamp
  updated_at: timestamp
subscriptions:
  id: text required
  customer_id: text required
  status: text
  product_title: text
  price: number
  quantity: number
  currency: text
  order_interval_unit: text
  charge_interval_frequency: number
  created_at: timestamp
  updated_at: timestamp
  cancelled_at: timestamp
  cancellation_reason: text
  max_retries_reached: boolean
{% endset %}
{{ return(fromyaml(form)) }}
{% endmacro %}
