-- No text of a mart of lifecycle has an e-mail address or telephone number: readers need not know who a person is.
-- customer_stages_daily has ids and names of stages that lifecycle_customers has as well.
{{ addresses_in([
    'customer_counts_monthly', 'customer_ids', 'customer_journeys', 'customer_stage_intervals',
    'lifecycle_customers', 'stage_advances_monthly', 'stage_conversion_cohorts', 'stage_durations',
    'stage_funnel_daily', 'stage_funnel_monthly', 'stage_restatements', 'stage_transitions_daily'
]) }}
