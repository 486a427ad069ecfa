-- One row per raw row of affiliate_sales: cleaned, typed, and with the reason why it cannot be used, if any.
{{ base_rows('affiliate_sales') }}
