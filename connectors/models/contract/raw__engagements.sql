-- One row per engagement of each vendor that is connected: the table engagements of the raw contract.
{{ config(enabled=filled_by('engagements') != []) }}
{{ union_of_vendors('engagements') }}
