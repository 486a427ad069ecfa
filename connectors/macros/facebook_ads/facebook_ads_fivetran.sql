{# Fivetran keeps the versions of accounts, campaigns and ads, and reports by campaign and by ad. Of these the one by campaign, which has
   costs that no ad has; else the one by ad. #}
{% macro facebook_ads_fivetran() %}
{% set shape %}
accounts: {table: account_history}
campaigns: {table: campaign_history}
ads: {table: ad_history}
days:
  table: [basic_campaign, basic_ad]
  columns: {clicks: [inline_link_clicks, clicks]}
actions: {table: [basic_campaign_actions, basic_ad_actions]}
{% endset %}
{{ return(fromyaml(shape)) }}
{% endmacro %}
