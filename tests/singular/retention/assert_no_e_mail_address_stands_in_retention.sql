-- In no text of a mart of retention an e-mail address stands: who reads it need not know who anybody is.
{{ addresses_in([
    'active_customers_monthly', 'churn_monthly', 'churn_window_calibration', 'growth_accounting_monthly',
    'repurchase_monthly', 'retention_cohorts_monthly', 'retention_cohorts_weekly', 'winback_cohorts_monthly'
]) }}
