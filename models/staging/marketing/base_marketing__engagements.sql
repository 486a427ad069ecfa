-- One row per raw row of engagements: cleaned, typed, and with the reason why it cannot be used, if any.
{{ base_rows('engagements') }}
