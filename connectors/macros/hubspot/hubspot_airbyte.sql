{# Airbyte lands a column properties_<name> for each property of HubSpot, beside all of them as JSON in properties; times of events and merges
   as milliseconds since 1970; which contacts a deal or ticket has as a JSON array of ids. #}
{% macro hubspot_airbyte() %}
{% set shape %}
contacts:
  table: contacts
  columns:
    email: [properties_email, properties.email]
    phone: [properties_phone, properties.phone]
    firstname: [properties_firstname, properties.firstname]
    lastname: [properties_lastname, properties.lastname]
    country: [properties_country, properties.country]
    city: [properties_city, properties.city]
    analytics_source: [properties_hs_analytics_source, properties.hs_analytics_source]
    is_opted_out: [properties_hs_email_optout, properties.hs_email_optout]
    is_marketable: [properties_hs_marketable_status, properties.hs_marketable_status]
    calculated_merged_vids: [properties_hs_calculated_merged_vids, properties.hs_calculated_merged_vids]
    merged_object_ids: [properties_hs_merged_object_ids, properties.hs_merged_object_ids]
    createdate: [properties_createdate, createdat]
    lastmodifieddate: [properties_lastmodifieddate, updatedat]
    is_deleted: archived
merges:
  table: contacts_merged_audit
  columns:
    canonical_vid: [canonical_vid, canonical-vid]
    vid_to_merge: [vid_to_merge, vid-to-merge]
    merged_at: timestamp
email_events:
  table: email_events
  columns: {campaign_id: emailcampaignid, filtered_event: filteredevent}
subscription_changes:
  table: email_events
  columns: {portal_subscription_status: portalsubscriptionstatus}
email_campaigns: {table: campaigns}
form_submissions:
  table: contacts_form_submissions
  columns:
    contact_id: [canonical_vid, canonical-vid]
    form_id: [form_id, form-id]
    conversion_id: [conversion_id, conversion-id]
    submitted_at: timestamp
tickets:
  table: tickets
  columns:
    createdate: [properties_createdate, createdat]
    category: [properties_hs_ticket_category, properties.hs_ticket_category]
    first_agent_reply_date: [properties_first_agent_reply_date, properties.first_agent_reply_date]
    closed_date: [properties_closed_date, properties.closed_date]
    is_deleted: archived
ticket_contacts:
  table: tickets
  rows: contacts
  columns: {ticket_id: parent.id, contact_id: element}
deals:
  table: deals
  columns:
    stage_id: [properties_dealstage, properties.dealstage]
    amount: [properties_amount, properties.amount]
    currency: [properties_deal_currency_code, properties.deal_currency_code]
    closedate: [properties_closedate, properties.closedate]
    lastmodifieddate: [properties_hs_lastmodifieddate, updatedat]
    is_closed_won: [properties_hs_is_closed_won, properties.hs_is_closed_won]
    is_deleted: archived
deal_contacts:
  table: deals
  rows: contacts
  columns: {deal_id: parent.id, contact_id: element}
deal_stages:
  table: deal_pipelines
  rows: stages
  columns: {id: [stageId, id], is_closed: metadata.isClosed, probability: metadata.probability}
{% endset %}
{{ return(fromyaml(shape)) }}
{% endmacro %}
