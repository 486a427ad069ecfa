-- One row per raw row of support_tickets: cleaned, typed, and with the reason why it cannot be used, if any.
{{ base_rows('support_tickets') }}
