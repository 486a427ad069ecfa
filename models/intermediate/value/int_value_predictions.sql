-- One row per brand and pattern of purchases for which the value models, fitted to the history of this as-of date, have a
-- prediction. Empty until the prediction step has run. A prediction made on another day says nothing about this one.
with

as_of as (
    select as_of_date from {{ ref('stg_calendar__as_of_date') }}
),

predictions as (
    {{ rows_of_prediction_step('customer_value_predictions') }}
),

int_value_predictions as (
    select predictions.*
    from predictions
    inner join as_of on predictions.as_of_date = as_of.as_of_date
)

select * from int_value_predictions
