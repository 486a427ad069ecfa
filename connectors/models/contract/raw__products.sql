-- One row per product of each vendor that is connected: the table products of the raw contract.
{{ config(enabled=filled_by('products') != []) }}
{{ union_of_vendors('products') }}
