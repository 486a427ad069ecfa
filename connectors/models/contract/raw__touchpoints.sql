-- One row per touchpoint of each vendor that is connected: the table touchpoints of the raw contract.
{{ config(enabled=filled_by('touchpoints') != []) }}
{{ union_of_vendors('touchpoints') }}
