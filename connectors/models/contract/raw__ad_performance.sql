-- One row per day, campaign and platform of advertising of each vendor that is connected: the table ad_performance of the raw contract.
{{ config(enabled=filled_by('ad_performance') != []) }}
{{ union_of_vendors('ad_performance') }}
