{# Klaviyo's tables as the meaning layer reads them. What an event is, its metric says. #}
{% macro klaviyo_form() %}
{% set form %}
profiles:
  id: text required
  email: text
  phone_number: text
  first_name: text
  last_name: text
  country: text
  city: text
  email_consent: text
  can_receive_email: boolean
  created: timestamp
  updated: timestamp
events:
  id: text required
  metric_id: text
  metric_name: text
  profile_id: text
  occurred_at: timestamp
  campaign_id: text
  flow_id: text
  event_id: text
  value: amount
  currency: text
  bot_click: boolean
  machine_open: boolean
metrics:
  id: text required
  name: text
campaigns:
  id: text required
  name: text
  sent_at: timestamp
flows:
  id: text required
  name: text
  created: timestamp
{% endset %}
{{ return(fromyaml(form)) }}
{% endmacro %}
