-- One row per raw row of social_daily: cleaned, typed, and with the reason why it cannot be used, if any.
{{ config(materialized='table') }}

{{ base_rows('social_daily') }}
