{# The export of the property to BigQuery: one table a day, with parameters in a list and what belongs together in structs. Brought elsewhere,
   both are JSON, and the days may be one table. #}
{% macro ga4_bigquery_export() %}
{% set shape %}
events:
  table: [events_<day>, events]
  columns:
    session_id: event_params[ga_session_id]
    page_location: event_params[page_location]
    page_referrer: event_params[page_referrer]
    manual_source: collected_traffic_source.manual_source
    manual_medium: collected_traffic_source.manual_medium
    manual_campaign: collected_traffic_source.manual_campaign_name
    manual_campaign_id: collected_traffic_source.manual_campaign_id
    source: event_params[source]
    medium: event_params[medium]
    campaign: event_params[campaign]
    gclid: collected_traffic_source.gclid
    google_campaign: session_traffic_source_last_click.google_ads_campaign.campaign_name
    google_campaign_id: session_traffic_source_last_click.google_ads_campaign.campaign_id
    transaction_id: event_params[transaction_id]
    value: event_params[value]
    currency: event_params[currency]
{% endset %}
{{ return(fromyaml(shape)) }}
{% endmacro %}
