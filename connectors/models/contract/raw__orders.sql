-- One row per order of each vendor that is connected: the table orders of the raw contract.
{{ config(enabled=filled_by('orders') != []) }}
{{ union_of_vendors('orders') }}
