-- One row per customer and day on which the customer ceased to be active, with the reason of an exit survey answered
-- within 30 days of it; of several the nearest, then the smallest id.
with

surveys as (
    select
        memberships.customer_key,
        surveys.response_id,
        surveys.responded_date,
        surveys.reason
    from {{ ref('stg_feedback__survey_responses') }} as surveys
    inner join {{ ref('int_identity_memberships') }} as memberships on surveys.person_id = memberships.person_id
    where
        memberships.valid_to = {{ end_of_time() }}
        and surveys.survey_type = 'exit'
        and surveys.reason is not null
),

ranked as (
    select
        periods.customer_key,
        periods.active_to as churned_date,
        surveys.reason,
        row_number() over (
            partition by periods.customer_key, periods.active_to
            order by abs({{ days_between('periods.active_to', 'surveys.responded_date') }}), surveys.response_id
        ) as choice_number
    from {{ ref('int_customer_active_periods') }} as periods
    inner join surveys
        on
            periods.customer_key = surveys.customer_key
            and surveys.responded_date >= {{ add_days('periods.active_to', -30) }}
            and periods.active_to >= {{ add_days('surveys.responded_date', -30) }}
),

int_churn_surveys as (
    select
        customer_key,
        churned_date,
        reason
    from ranked
    where choice_number = 1
)

select * from int_churn_surveys
