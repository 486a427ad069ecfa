{# Meta's tables of advertising as the meaning layer reads them, in the words of its Marketing API. Amounts are in the currency of the
   account; dates are days of its time zone. A day is of a campaign, or of an ad. #}
{% macro facebook_ads_form() %}
{% set form %}
accounts:
  id: text required
  currency: text
campaigns:
  id: text required
  name: text
  objective: text
  created_time: timestamp
  start_time: timestamp
  stop_time: timestamp
  updated_time: timestamp
ads:
  id: text required
  campaign_id: text required
days:
  campaign_id: text
  ad_id: text
  account_id: text
  date: date required
  impressions: count
  clicks: count
  spend: amount required
actions:
  campaign_id: text
  ad_id: text
  date: date required
  action_type: text required
  value: number
{% endset %}
{{ return(fromyaml(form)) }}
{% endmacro %}
