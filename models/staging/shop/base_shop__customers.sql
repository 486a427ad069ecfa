-- One row per raw row of customers: cleaned, typed, and with the reason why it cannot be used, if any.
{{ base_rows('customers') }}
