{# Stripe's tables as the meaning layer reads them. Amounts are in the smallest unit of their currency, as Stripe writes them. #}
{% macro stripe_form() %}
{% set form %}
customers:
  id: text required
  email: text
  name: text
  phone: text
  country: text
  city: text
  created: timestamp
  livemode: boolean
  is_deleted: boolean
subscriptions:
  id: text required
  customer_id: text required
  status: text
  start_date: timestamp
  trial_start: timestamp
  trial_end: timestamp
  cancel_at: timestamp
  cancel_at_period_end: boolean
  current_period_end: timestamp
  canceled_at: timestamp
  ended_at: timestamp
  cancellation_reason: text
  cancellation_feedback: text
  livemode: boolean
  is_current: boolean
subscription_items:
  subscription_id: text required
  price_id: text
  quantity: number
prices:
  id: text required
  unit_amount: number
  unit_amount_decimal: number
  currency: text
  interval: text
  interval_count: number
  usage_type: text
  pieces_at_once: number
  pieces_rounded: text
  nickname: text
plans:
  id: text required
  unit_amount: number
  unit_amount_decimal: number
  currency: text
  interval: text
  interval_count: number
  usage_type: text
  pieces_at_once: number
  pieces_rounded: text
  nickname: text
invoice_lines:
  subscription_id: text
  price_id: text
  quantity: number
  period_start: timestamp
  proration: boolean
charges:
  id: text required
  customer_id: text
  receipt_email: text
  billing_email: text
  created: timestamp
  amount: number
  currency: text
  status: text
  captured: boolean
  livemode: boolean
refunds:
  id: text required
  charge_id: text
  created: timestamp
  amount: number
  currency: text
  status: text
  reason: text
{% endset %}
{{ return(fromyaml(form)) }}
{% endmacro %}
