{# dlt lands the properties of an object as columns, what a contact is linked to as child tables, and no e-mails, forms or merges of their own. #}
{% macro hubspot_dlt() %}
{% set shape %}
contacts:
  table: contacts
  columns:
    analytics_source: hs_analytics_source
    is_opted_out: hs_email_optout
    is_marketable: hs_marketable_status
    calculated_merged_vids: hs_calculated_merged_vids
    merged_object_ids: hs_merged_object_ids
tickets:
  table: tickets
  columns: {category: hs_ticket_category}
ticket_contacts:
  table: contacts__tickets
  parent: contacts
  columns: {ticket_id: tickets_id, contact_id: parent.id}
deals:
  table: deals
  columns:
    stage_id: dealstage
    currency: deal_currency_code
    lastmodifieddate: hs_lastmodifieddate
    is_closed_won: hs_is_closed_won
deal_contacts:
  table: contacts__deals
  parent: contacts
  columns: {deal_id: deals_id, contact_id: parent.id}
deal_stages:
  table: pipelines_deals__stages
  parent: pipelines_deals
  columns: {is_closed: metadata__is_closed, probability: metadata__probability}
{% endset %}
{{ return(fromyaml(shape)) }}
{% endmacro %}
