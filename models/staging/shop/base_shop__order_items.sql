-- One row per raw row of order_items: cleaned, typed, and with the reason why it cannot be used, if any.
{{ base_rows('order_items') }}
