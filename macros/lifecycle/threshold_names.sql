{# threshold_names() -> the columns of the seed lifecycle_thresholds, its key excepted #}
{% macro threshold_names() -%}
    {{ return([
        'churn_after_days', 'subscription_grace_days', 'conversion_days', 'reactivation_days', 'loyalty_min_purchase_dates',
        'loyalty_window_days', 'loyalty_min_tenure_days', 'advocacy_window_days', 'engagement_window_days',
        'dormant_after_days', 'at_risk_after_days',
    ]) }}
{%- endmacro %}
