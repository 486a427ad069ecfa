-- One row per statement that two ids are one person, by e-mail address over vendors and of each vendor: the table identity_links
-- of the raw contract.
{{ config(enabled=filled_by('identity_links') != []) }}
{{ union_of_vendors('identity_links') }}
