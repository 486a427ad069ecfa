{# Fivetran lands each attribute of an event as a column property_<name>, or property<Name> where a connection was told not to rename. #}
{% macro klaviyo_fivetran() %}
{% set shape %}
profiles:
  table: person
  columns:
    email_consent: subscriptions_email_marketing_consent
    can_receive_email: subscriptions_email_marketing_can_receive_email_marketing
events:
  table: event
  columns:
    metric_name: type
    profile_id: person_id
    occurred_at: [datetime, timestamp]
    event_id: [property_event_id, propertyeventid]
    value: [property_value, propertyvalue]
    currency: [property_currency_code, propertycurrencycode]
    bot_click: [property_bot_click, propertybotclick]
    machine_open: [property_machine_open, propertymachineopen]
metrics: {table: metric}
campaigns:
  table: campaign
  columns: {sent_at: [sent_at, send_time]}
flows: {table: flow}
{% endset %}
{{ return(fromyaml(shape)) }}
{% endmacro %}
