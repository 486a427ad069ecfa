{# Airbyte lands one table per stream, with Stripe's objects in JSON columns and times as seconds since 1970. #}
{% macro stripe_airbyte() %}
{% set shape %}
customers:
  table: customers
  columns: {country: address.country, city: address.city}
subscriptions:
  table: subscriptions
  columns:
    customer_id: customer
    cancellation_reason: cancellation_details.reason
    cancellation_feedback: cancellation_details.feedback
subscription_items:
  table: subscriptions
  rows: items.data
  columns: {subscription_id: parent.id, price_id: [price.id, plan.id]}
prices:
  table: prices
  columns:
    interval: recurring.interval
    interval_count: recurring.interval_count
    usage_type: recurring.usage_type
    pieces_at_once: transform_quantity.divide_by
    pieces_rounded: transform_quantity.round
plans:
  table: plans
  columns:
    unit_amount: amount
    unit_amount_decimal: amount_decimal
    pieces_at_once: transform_usage.divide_by
    pieces_rounded: transform_usage.round
invoice_lines:
  table: invoice_line_items
  columns:
    subscription_id: [subscription, subscription_id]
    price_id: [price.id, plan.id, pricing.price_details.price]
    period_start: period.start
charges:
  table: charges
  columns: {customer_id: customer, billing_email: billing_details.email}
refunds:
  table: refunds
  columns: {charge_id: charge}
{% endset %}
{{ return(fromyaml(shape)) }}
{% endmacro %}
