-- No text of a mart of acquisition has an e-mail address or telephone number: readers need not know who a person is.
{{ addresses_in([
    'acquisition_channels_daily', 'acquisition_channels_monthly', 'attribution_channels_monthly',
    'attribution_credits', 'cohort_unit_economics', 'cohort_unit_economics_blended', 'email_campaigns',
    'touchpoint_conversions_monthly'
]) }}
