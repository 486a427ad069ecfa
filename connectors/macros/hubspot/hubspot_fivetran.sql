{# Fivetran writes property_ before each property of HubSpot, and lands those that a connection selects. The audit of merges comes from an
   older API of HubSpot; newer connections have the lists of the contact alone. #}
{% macro hubspot_fivetran() %}
{% set shape %}
contacts:
  table: contact
  columns:
    email: property_email
    phone: property_phone
    firstname: property_firstname
    lastname: property_lastname
    country: property_country
    city: property_city
    analytics_source: property_hs_analytics_source
    is_opted_out: property_hs_email_optout
    is_marketable: property_hs_marketable_status
    calculated_merged_vids: property_hs_calculated_merged_vids
    merged_object_ids: property_hs_merged_object_ids
    createdate: property_createdate
    lastmodifieddate: property_lastmodifieddate
merges:
  table: contact_merge_audit
  columns: {canonical_vid: [canonical_vid, contact_id], merged_at: timestamp}
email_events:
  table: email_event
  columns: {campaign_id: email_campaign_id}
subscription_changes: {table: email_event_status_change}
email_campaigns: {table: email_campaign}
form_submissions:
  table: contact_form_submission
  columns: {submitted_at: timestamp}
tickets:
  table: ticket
  columns:
    createdate: property_createdate
    category: property_hs_ticket_category
    first_agent_reply_date: property_first_agent_reply_date
    closed_date: property_closed_date
ticket_contacts: {table: ticket_contact}
deals:
  table: deal
  columns:
    id: deal_id
    stage_id: deal_pipeline_stage_id
    amount: property_amount
    currency: property_deal_currency_code
    closedate: property_closedate
    lastmodifieddate: property_hs_lastmodifieddate
    is_closed_won: property_hs_is_closed_won
deal_contacts: {table: deal_contact}
deal_stages:
  table: deal_pipeline_stage
  columns: {id: stage_id}
merged_deals: {table: merged_deal}
{% endset %}
{{ return(fromyaml(shape)) }}
{% endmacro %}
