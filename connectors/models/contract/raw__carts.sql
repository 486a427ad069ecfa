-- One row per cart of each vendor that is connected: the table carts of the raw contract.
{{ config(enabled=filled_by('carts') != []) }}
{{ union_of_vendors('carts') }}
