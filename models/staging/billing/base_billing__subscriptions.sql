-- One row per raw row of subscriptions: cleaned, typed, and with the reason why it cannot be used, if any.
{{ base_rows('subscriptions') }}
