{# Events of Google Analytics 4 as the meaning layer reads them, in the words of its export; times are in UTC, whatever the zone of the property. #}
{% macro ga4_form() %}
{% set form %}
events:
  event_timestamp: micros required
  event_name: text required
  user_pseudo_id: text required
  user_id: text
  session_id: text
  batch_page_id: count
  batch_ordering_id: count
  batch_event_index: count
  page_location: text
  page_referrer: text
  manual_source: text
  manual_medium: text
  manual_campaign: text
  manual_campaign_id: text
  source: text
  medium: text
  campaign: text
  gclid: text
  google_campaign: text
  google_campaign_id: text
  transaction_id: text
  value: amount
  currency: text
{% endset %}
{{ return(fromyaml(form)) }}
{% endmacro %}
