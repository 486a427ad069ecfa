-- No text of a mart of value has an e-mail address or telephone number: readers need not know who a person is.
{{ addresses_in([
    'customer_value', 'customer_value_monthly', 'customer_value_totals_monthly', 'ideal_customer_profile',
    'net_sales_monthly', 'order_metrics_monthly', 'revenue_concentration_monthly',
    'rfm_segments_monthly', 'value_model_holdouts', 'value_model_parameters'
]) }}
