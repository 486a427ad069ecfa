-- One row per version of a subscription of each vendor that is connected: the table subscriptions of the raw contract.
{{ config(enabled=filled_by('subscriptions') != []) }}
{{ union_of_vendors('subscriptions') }}
