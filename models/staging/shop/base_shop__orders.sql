-- One row per raw row of orders: cleaned, typed, and with the reason why it cannot be used, if any.
{{ base_rows('orders') }}
