-- One row per raw row of campaigns: cleaned, typed, and with the reason why it cannot be used, if any.
{{ base_rows('campaigns') }}
