-- One row per customer with events or links: a number that changes whenever anything changes that its stages are computed
-- from, as the raw data are now. Only increments read it.
{{ config(materialized='view') }}
with

{{ history_fingerprints('int_customer_fingerprints', events='int_customer_histories') }}

select * from int_customer_fingerprints
