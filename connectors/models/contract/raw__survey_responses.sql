-- One row per answer to a survey of each vendor that is connected: the table survey_responses of the raw contract.
{{ config(enabled=filled_by('survey_responses') != []) }}
{{ union_of_vendors('survey_responses') }}
