-- In no text of a mart of referral an e-mail address stands: who reads it need not know who anybody is.
{{ addresses_in([
    'affiliate_revenue_monthly', 'customer_referrals', 'referral_metrics_monthly', 'referral_totals_monthly',
    'referral_value_monthly'
]) }}
