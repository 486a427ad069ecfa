-- No text of the metrics has an e-mail address or telephone number: readers need not know who a person is.
{{ addresses_in([
    'lifecycle_calendar', 'lifecycle_metrics_by_dimension', 'lifecycle_metrics_monthly', 'metric_forecasts',
    'metric_restatements'
]) }}
