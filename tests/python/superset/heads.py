"""Headcounts that the shipped datasets must not add up over dates."""

# The headcounts of each mart: the metric as shipped, and what it is on the last date that there is.
HEADS = {
    ("active_customers_monthly", "month_date"): {"active_customer_count": "active_customer_count"},
    ("audience_monthly", "month_date"): {"followers": "period_end_follower_count", "website_visitors": "web_visitor_count"},
    ("customer_counts_monthly", "month_date"): {
        "customer_count": "customer_count", "active_count": "active_count", "loyal_customers": "loyal_count",
        "advocates": "advocate_count",
    },
    ("customer_value_totals_monthly", "month_date"): {
        "valued_customer_count": "customer_count", "cumulative_net_revenue_amount": "cumulative_net_revenue_amount",
        "predicted_customer_count": "predicted_customer_count", "predicted_clv_365d_amount": "predicted_clv_365d_amount",
    },
    ("cohort_unit_economics_blended", "cohort_month"): {
        "payback_months": "case when is_latest and payback_month <= 12 then payback_month end",
    },
    ("growth_accounting_monthly", "month_date"): {
        "active_customers": "closing_active", "monthly_recurring_revenue": "closing_mrr_amount",
    },
    ("nps_monthly", "month_date"): {"respondent_count": "respondent_count", "net_promoter_points": "100 * net_promoter_count"},
    ("order_metrics_monthly", "month_date"): {
        "customer_order_count": "customer_order_count", "ordering_customer_count": "ordering_customer_count",
        "returning_customer_count": "returning_customer_count",
    },
    ("referral_totals_monthly", "month_date"): {
        "referrer_count": "case when has_ended then referrer_count end",
        "possible_referrer_count": "case when has_ended then active_customer_count end",
        "converted_invite_count": "case when is_mature then converted_within_90d_count end",
        "winning_referrer_count": "case when is_mature then winning_referrer_count end",
        "inviting_base_count": "case when is_mature then active_customer_count end",
    },
    ("revenue_concentration_monthly", "month_date"): {
        "concentrated_revenue_amount": "case when is_mature then revenue_amount end",
        "top_20_percent_revenue_amount": "case when is_mature then top_20_percent_revenue_amount end",
    },
    ("stage_funnel_daily", "date_day"): {"closing_count": "closing_count"},
}  # fmt: skip
