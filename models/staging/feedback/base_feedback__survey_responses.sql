-- One row per raw row of survey_responses: cleaned, typed, and with the reason why it cannot be used, if any.
{{ base_rows('survey_responses') }}
