{# Google Ads' tables as the meaning layer reads them, in the words of its API. Costs are in millionths of the account's currency; dates
   are days of the account's time zone. #}
{% macro google_ads_form() %}
{% set form %}
accounts:
  id: text required
  currency_code: text
  time_zone: text
  updated_at: timestamp
campaigns:
  id: text required
  account_id: text
  name: text
  advertising_channel_type: text
  start_date: date
  end_date: date
  updated_at: timestamp
campaign_days:
  campaign_id: text required
  account_id: text
  date: date required
  impressions: count
  clicks: count
  cost_micros: count required
  conversions: number
{% endset %}
{{ return(fromyaml(form)) }}
{% endmacro %}
