-- In no text of the metrics an e-mail address stands: who reads it need not know who anybody is.
{{ addresses_in([
    'lifecycle_calendar', 'lifecycle_metrics_monthly'
]) }}
