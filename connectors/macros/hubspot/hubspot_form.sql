{# HubSpot's tables as the meaning layer reads them, in the words of its properties. #}
{% macro hubspot_form() %}
{% set form %}
contacts:
  id: text required
  email: text
  phone: text
  firstname: text
  lastname: text
  country: text
  city: text
  analytics_source: text
  is_opted_out: boolean
  is_marketable: boolean
  calculated_merged_vids: text
  merged_object_ids: text
  createdate: timestamp
  lastmodifieddate: timestamp
  is_deleted: boolean
merges:
  canonical_vid: text required
  vid_to_merge: text required
  merged_at: timestamp
email_events:
  id: text required
  type: text required
  created: timestamp
  recipient: text
  campaign_id: text
  filtered_event: boolean
subscription_changes:
  id: text required
  portal_subscription_status: text
email_campaigns:
  id: text required
  name: text
  subject: text
form_submissions:
  contact_id: text required
  form_id: text
  conversion_id: text
  submitted_at: timestamp
tickets:
  id: text required
  createdate: timestamp
  category: text
  first_agent_reply_date: timestamp
  closed_date: timestamp
  is_deleted: boolean
ticket_contacts:
  ticket_id: text required
  contact_id: text required
deals:
  id: text required
  stage_id: text
  amount: amount
  currency: text
  closedate: timestamp
  lastmodifieddate: timestamp
  is_closed_won: boolean
  is_deleted: boolean
deal_contacts:
  deal_id: text required
  contact_id: text required
deal_stages:
  id: text required
  closed_won: boolean
  is_closed: boolean
  probability: number
merged_deals:
  merged_deal_id: text required
{% endset %}
{{ return(fromyaml(form)) }}
{% endmacro %}
