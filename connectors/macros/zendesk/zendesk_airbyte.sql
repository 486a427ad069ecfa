{# Airbyte lands one table per stream; the metrics of a ticket, by Zendesk itself, stand for its changes and comments. #}
{% macro zendesk_airbyte() %}
{% set shape %}
tickets: {table: tickets}
users: {table: users}
ticket_metrics:
  table: ticket_metrics
  columns: {first_reply_minutes: reply_time_in_minutes.calendar}
satisfaction_ratings: {table: satisfaction_ratings}
{% endset %}
{{ return(fromyaml(shape)) }}
{% endmacro %}
