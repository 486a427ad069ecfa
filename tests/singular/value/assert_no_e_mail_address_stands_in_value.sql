-- In no text of a mart of value an e-mail address stands: who reads it need not know who anybody is.
{{ addresses_in([
    'customer_value', 'customer_value_monthly', 'customer_value_totals_monthly', 'ideal_customer_profile',
    'order_metrics_monthly', 'revenue_concentration_monthly', 'rfm_segments_monthly', 'value_model_parameters'
]) }}
