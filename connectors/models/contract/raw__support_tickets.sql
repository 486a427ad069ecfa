-- One row per support ticket of each vendor that is connected: the table support_tickets of the raw contract.
{{ config(enabled=filled_by('support_tickets') != []) }}
{{ union_of_vendors('support_tickets') }}
