-- No text of a table of quality has an e-mail address or telephone number: readers need not know who a person is.
{{ addresses_in([
    'cleaning_events', 'identity_conflicts', 'improbable_ids', 'raw_row_outcomes', 'raw_volumes_daily', 'rejected_records'
]) }}
