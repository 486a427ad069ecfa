{# Airbyte lands one table per stream, of both versions of the API; where it appends what has changed, the versions of a subscription too. #}
{% macro recharge_airbyte() %}
{% set shape %}
customers:
  table: customers
  columns: {phone: [phone, billing_phone]}
subscriptions:
  table: subscriptions
  columns: {currency: presentment_currency}
{% endset %}
{{ return(fromyaml(shape)) }}
{% endmacro %}
