{# Fivetran keeps the versions of a subscription in subscription_history, of which one is active; before 2022 there was a table subscription. #}
{% macro stripe_fivetran() %}
{% set shape %}
customers:
  table: customer
  columns: {country: address_country, city: address_city}
subscriptions:
  table: [subscription_history, subscription]
  columns:
    is_current: _fivetran_active
    cancellation_reason: cancellation_details_reason
    cancellation_feedback: cancellation_details_feedback
subscription_items:
  table: subscription_item
  columns: {price_id: [price_id, plan_id]}
prices:
  table: price
  columns:
    interval: recurring_interval
    interval_count: recurring_interval_count
    usage_type: recurring_usage_type
    pieces_at_once: transform_quantity_divide_by
    pieces_rounded: transform_quantity_round
plans:
  table: plan
  columns:
    unit_amount: amount
    unit_amount_decimal: amount_decimal
    pieces_at_once: transform_usage_divide_by
    pieces_rounded: transform_usage_round
invoice_lines:
  table: invoice_line_item
  columns: {price_id: [price_id, plan_id]}
charges:
  table: charge
  columns: {billing_email: [billing_detail_email, billing_details_email]}
refunds: {table: refund}
{% endset %}
{{ return(fromyaml(shape)) }}
{% endmacro %}
