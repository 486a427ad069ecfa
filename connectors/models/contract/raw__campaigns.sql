-- One row per campaign of each vendor that is connected: the table campaigns of the raw contract.
{{ config(enabled=filled_by('campaigns') != []) }}
{{ union_of_vendors('campaigns') }}
