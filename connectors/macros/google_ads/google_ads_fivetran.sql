{# Fivetran keeps the versions of accounts and campaigns, and one row per day, campaign, network and device in campaign_stats. Where that
   report is not synced, those of ad groups or ads; campaigns without them, such as Performance Max, then have no costs. #}
{% macro google_ads_fivetran() %}
{% set shape %}
accounts: {table: account_history}
campaigns:
  table: campaign_history
  columns:
    account_id: customer_id
    start_date: [start_date, start_date_time]
    end_date: [end_date, end_date_time]
campaign_days:
  table: [campaign_stats, ad_group_stats, ad_stats]
  columns: {campaign_id: [campaign_id, id], account_id: customer_id}
{% endset %}
{{ return(fromyaml(shape)) }}
{% endmacro %}
