{# Fivetran lands each change of a ticket's fields; satisfaction has a table of its own in older schemas, and is one of the fields in newer. #}
{% macro zendesk_fivetran() %}
{% set shape %}
tickets: {table: ticket}
users: {table: user}
comments:
  table: ticket_comment
  columns: {is_public: public}
field_changes: {table: ticket_field_history}
satisfaction_ratings: {table: satisfaction_rating}
{% endset %}
{{ return(fromyaml(shape)) }}
{% endmacro %}
