-- One row per review of each vendor that is connected: the table reviews of the raw contract.
{{ config(enabled=filled_by('reviews') != []) }}
{{ union_of_vendors('reviews') }}
