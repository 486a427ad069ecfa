-- In no text of a mart of experience an e-mail address stands: who reads it need not know who anybody is.
{{ addresses_in([
    'audience_daily', 'audience_monthly', 'cart_abandonment_daily', 'csat_monthly', 'nps_monthly',
    'support_monthly', 'trial_conversion_monthly', 'user_content_monthly'
]) }}
