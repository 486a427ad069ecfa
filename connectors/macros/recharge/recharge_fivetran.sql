{# Fivetran keeps the versions of a subscription in subscription_history. #}
{% macro recharge_fivetran() %}
{% set shape %}
customers: {table: customer}
subscriptions:
  table: [subscription_history, subscription]
  columns:
    id: [subscription_id, id]
    currency: presentment_currency
{% endset %}
{{ return(fromyaml(shape)) }}
{% endmacro %}
