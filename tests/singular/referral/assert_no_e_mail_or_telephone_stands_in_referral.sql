-- No text of a mart of referral has an e-mail address or telephone number: readers need not know who a person is.
{{ addresses_in([
    'affiliate_revenue_monthly', 'customer_referrals', 'referral_metrics_monthly', 'referral_totals_monthly',
    'referral_value_monthly'
]) }}
