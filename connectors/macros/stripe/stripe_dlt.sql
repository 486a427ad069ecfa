{# dlt names a table after the endpoint, in the singular; lists are child tables. #}
{% macro stripe_dlt() %}
{% set shape %}
customers:
  table: customer
  columns: {country: address__country, city: address__city}
subscriptions:
  table: subscription
  columns:
    customer_id: customer
    cancellation_reason: cancellation_details__reason
    cancellation_feedback: cancellation_details__feedback
subscription_items:
  table: subscription__items__data
  parent: subscription
  columns: {subscription_id: parent.id, price_id: [price__id, plan__id]}
prices:
  table: price
  columns:
    interval: recurring__interval
    interval_count: recurring__interval_count
    usage_type: recurring__usage_type
    pieces_at_once: transform_quantity__divide_by
    pieces_rounded: transform_quantity__round
plans:
  table: plan
  columns:
    unit_amount: amount
    unit_amount_decimal: amount_decimal
    pieces_at_once: transform_usage__divide_by
    pieces_rounded: transform_usage__round
invoice_lines:
  table: invoice__lines__data
  parent: invoice
  columns:
    subscription_id: [subscription, parent__subscription_item_details__subscription, parent.subscription]
    price_id: [price__id, plan__id, pricing__price_details__price]
    period_start: period__start
charges:
  table: charge
  columns: {customer_id: customer, billing_email: billing_details__email}
refunds:
  table: refund
  columns: {charge_id: charge}
{% endset %}
{{ return(fromyaml(shape)) }}
{% endmacro %}
