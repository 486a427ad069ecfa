-- One row per raw row of reviews: cleaned, typed, and with the reason why it cannot be used, if any.
{{ base_rows('reviews') }}
