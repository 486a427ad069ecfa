-- One row per raw row of orders: cleaned, typed, and with the reason why it cannot be used, if any.
{{ config(materialized='table') }}

{{ base_rows('orders') }}
