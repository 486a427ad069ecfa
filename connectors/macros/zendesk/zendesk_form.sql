{# Zendesk Support's tables as the meaning layer reads them, in the words of its API. #}
{% macro zendesk_form() %}
{% set form %}
tickets:
  id: text required
  requester_id: text
  status: text
  type: text
  created_at: timestamp
  updated_at: timestamp
users:
  id: text required
  role: text
  name: text
  email: text
  phone: text
  created_at: timestamp
  updated_at: timestamp
comments:
  id: text required
  ticket_id: text required
  user_id: text
  is_public: boolean
  created: timestamp
field_changes:
  ticket_id: text required
  field_name: text required
  value: text
  updated: timestamp
ticket_metrics:
  ticket_id: text required
  first_reply_minutes: count
  solved_at: timestamp
  reopens: count
satisfaction_ratings:
  id: text required
  ticket_id: text
  requester_id: text
  score: text
  comment: text
  reason: text
  created_at: timestamp
  updated_at: timestamp
{% endset %}
{{ return(fromyaml(form)) }}
{% endmacro %}
