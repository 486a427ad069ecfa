-- One row per subscription that can be used and is known by the as-of date.
with

rows_with_outcome as (
    {{ row_outcomes('subscriptions', excluded_ids=ref('customer_lifecycle', 'int_excluded_ids')) }}
),

stg_billing__subscriptions as (
    select
        -- ids
        brand,
        subscription_id,
        customer_id,
        person_id,

        -- attributes
        plan,
        status,
        cancel_reason,
        currency,

        -- numbers
        monthly_amount,
        reporting_rate,

        -- booleans
        is_involuntary,

        -- times
        trial_started_at,
        trial_started_date,
        trial_ended_at,
        trial_ended_date,
        started_at,
        started_date,
        ended_at,
        ended_date,
        cancelled_at,
        cancelled_date,
        updated_at,
        updated_date,
        main_date,
        loaded_at,
        deleted_at,
        deleted_date
    from rows_with_outcome
    where outcome = 'accepted'
)

select * from stg_billing__subscriptions
