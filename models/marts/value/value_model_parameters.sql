-- One row per brand, day on which the value models were fitted, model and parameter. Fits of earlier days stay.
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

fits as (
    {{ rows_of_prediction_step('value_model_fits') }}
),

value_model_parameters as (
    select
        fits.brand,
        fits.as_of_date as fitted_as_of_date,
        fits.model,
        fits.parameter,
        fits.parameter_value,
        fits.log_likelihood,
        fits.customer_count,
        fits.as_of_date = as_of.as_of_date as is_current
    from fits
    inner join as_of on fits.as_of_date <= as_of.as_of_date
)

select * from value_model_parameters
