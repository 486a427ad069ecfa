-- One row per raw row of social_daily: cleaned, typed, and with the reason why it cannot be used, if any.
{{ base_rows('social_daily') }}
