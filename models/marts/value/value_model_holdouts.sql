-- One row per brand, day on which the value models were fitted, and band of customers: what the same models, fitted to what
-- was known before the last days, had said of those days, what came, and whether the models are used. Earlier days stay.
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

holdouts as (
    {{ rows_of_prediction_step('value_model_holdout_bands') }}
),

value_model_holdouts as (
    select
        holdouts.brand,
        holdouts.as_of_date as fitted_as_of_date,
        holdouts.band_number,
        {{ add_days('holdouts.as_of_date', '-holdouts.holdout_days') }} as calibration_end_date,
        holdouts.customer_count,
        holdouts.predicted_purchases,
        holdouts.actual_purchase_count,
        {{ ratio_of('(holdouts.predicted_purchases - holdouts.actual_purchase_count)', 'holdouts.actual_purchase_count') }}
            as purchase_error_rate,
        holdouts.predicted_revenue_amount,
        holdouts.actual_revenue_amount,
        {{ ratio_of(
            '(holdouts.predicted_revenue_amount - holdouts.actual_revenue_amount)', 'holdouts.actual_revenue_amount'
        ) }} as revenue_error_rate,
        holdouts.is_used,
        holdouts.is_amount_used,
        holdouts.reason,
        holdouts.as_of_date = as_of.as_of_date as is_current,
        cast('{{ setting("reporting_currency") | upper }}' as {{ text_type() }}) as currency
    from holdouts
    inner join as_of on holdouts.as_of_date <= as_of.as_of_date
)

select * from value_model_holdouts
