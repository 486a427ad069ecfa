-- One row per raw row of identity_links: cleaned, typed, and with the reason why it cannot be used, if any.
{{ base_rows('identity_links') }}
