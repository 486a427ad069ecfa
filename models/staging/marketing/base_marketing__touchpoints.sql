-- One row per raw row of touchpoints: cleaned, typed, and with the reason why it cannot be used, if any.
{{ base_rows('touchpoints') }}
