-- One row per raw row of ad_performance: cleaned, typed, and with the reason why it cannot be used, if any.
{{ base_rows('ad_performance') }}
