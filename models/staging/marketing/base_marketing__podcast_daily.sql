-- One row per raw row of podcast_daily: cleaned, typed, and with the reason why it cannot be used, if any.
{{ base_rows('podcast_daily') }}
