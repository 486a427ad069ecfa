-- One row per raw row of carts: cleaned, typed, and with the reason why it cannot be used, if any.
{{ base_rows('carts') }}
