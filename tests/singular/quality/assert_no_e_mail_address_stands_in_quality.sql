-- In no text of the quarantine and its like an e-mail address stands: who reads it need not know who anybody is.
{{ addresses_in([
    'cleaning_events', 'identity_conflicts', 'improbable_ids', 'raw_row_outcomes', 'raw_volumes_daily', 'rejected_records'
]) }}
