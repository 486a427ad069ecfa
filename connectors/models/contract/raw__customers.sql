-- One row per customer record of each vendor that is connected: the table customers of the raw contract.
{{ config(enabled=filled_by('customers') != []) }}
{{ union_of_vendors('customers') }}
