-- In no text of a mart of acquisition an e-mail address stands: who reads it need not know who anybody is.
{{ addresses_in([
    'acquisition_channels_daily', 'acquisition_channels_monthly', 'attribution_channels_monthly',
    'attribution_credits', 'cohort_unit_economics', 'cohort_unit_economics_blended',
    'touchpoint_conversions_monthly'
]) }}
