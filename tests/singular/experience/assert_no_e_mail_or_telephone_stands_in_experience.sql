-- No text of a mart of experience has an e-mail address or telephone number: readers need not know who a person is.
{{ addresses_in([
    'audience_daily', 'audience_monthly', 'cart_abandonment_daily', 'csat_monthly', 'nps_monthly',
    'support_monthly', 'trial_conversion_monthly', 'user_content_monthly'
]) }}
