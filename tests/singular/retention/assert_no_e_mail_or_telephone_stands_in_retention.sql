-- No text of a mart of retention has an e-mail address or telephone number: readers need not know who a person is.
{{ addresses_in([
    'active_customers_monthly', 'churn_monthly', 'churn_window_calibration', 'growth_accounting_by_dimension',
    'growth_accounting_monthly', 'purchase_gaps', 'repurchase_monthly', 'retention_cohorts_by_dimension',
    'retention_cohorts_monthly', 'retention_cohorts_weekly', 'survival_curves', 'winback_cohorts_monthly'
]) }}
