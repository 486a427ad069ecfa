-- One row per refund of each vendor that is connected: the table refunds of the raw contract.
{{ config(enabled=filled_by('refunds') != []) }}
{{ union_of_vendors('refunds') }}
