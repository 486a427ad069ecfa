-- One row per raw row of erasure_requests: cleaned, typed, and with the reason why it cannot be used, if any.
{{ base_rows('erasure_requests') }}
