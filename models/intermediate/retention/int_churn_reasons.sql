-- One row per customer and day on which the customer ceased to be active for which a reason is known: that of the paid
-- subscription which had run out, else that of the nearest exit survey answered within 30 days. What is deleted by the
-- as-of date, or came from a shared address, gives no reason.
with

identity_map as (
    select * from {{ ref('customer_lifecycle', 'int_identity_map') }}
    where valid_to = {{ end_of_time() }}
),

subscriptions as (
    select
        identity_map.customer_key, subscriptions.cancel_reason, subscriptions.is_involuntary,
        {{ add_days('subscriptions.ended_date', 'thresholds.subscription_grace_days') }} as churned_date,
        subscriptions.subscription_id
    from {{ ref('customer_lifecycle', 'stg_billing__subscriptions') }} as subscriptions
    cross join {{ ref('customer_lifecycle', 'as_of_date') }} as as_of
    inner join identity_map on subscriptions.person_id = identity_map.person_id
    inner join {{ ref('customer_lifecycle', 'int_customers') }} as customers
        on identity_map.customer_key = customers.customer_key
    inner join {{ seed('lifecycle_thresholds') }} as thresholds on customers.threshold_segment = thresholds.segment
    where
        subscriptions.started_date is not null and subscriptions.ended_date is not null
        and {{ known_until('subscriptions.deleted_date', 'as_of.as_of_date') }} = {{ end_of_time() }}
),

-- of several subscriptions the one with a reason, then the smallest id
ranked_subscriptions as (
    select
        subscriptions.*,
        row_number() over (
            partition by subscriptions.customer_key, subscriptions.churned_date
            order by case when subscriptions.cancel_reason is null then 1 else 0 end, subscriptions.subscription_id
        ) as choice_number
    from subscriptions
    inner join {{ ref('customer_lifecycle', 'int_customer_active_periods') }} as periods
        on subscriptions.customer_key = periods.customer_key and subscriptions.churned_date = periods.active_to
),

surveys as (
    select identity_map.customer_key, surveys.response_id, surveys.responded_date, surveys.reason
    from {{ ref('customer_lifecycle', 'stg_feedback__survey_responses') }} as surveys
    cross join {{ ref('customer_lifecycle', 'as_of_date') }} as as_of
    inner join identity_map on surveys.person_id = identity_map.person_id
    {{ join_shared_ids('surveys', 'responded_date') }}
    where
        surveys.survey_type = 'exit' and surveys.reason is not null and shared_ids.person_id is null
        and {{ known_until('surveys.deleted_date', 'as_of.as_of_date') }} = {{ end_of_time() }}
),

-- of several surveys the nearest, then the smallest id
ranked_surveys as (
    select
        periods.customer_key,
        periods.active_to as churned_date,
        surveys.reason,
        row_number() over (
            partition by periods.customer_key, periods.active_to
            order by abs({{ days_between('periods.active_to', 'surveys.responded_date') }}), surveys.response_id
        ) as choice_number
    from {{ ref('customer_lifecycle', 'int_customer_active_periods') }} as periods
    inner join surveys
        on
            periods.customer_key = surveys.customer_key
            and surveys.responded_date >= {{ add_days('periods.active_to', -30) }}
            and periods.active_to >= {{ add_days('surveys.responded_date', -30) }}
),

ended as (
    select * from ranked_subscriptions
    where choice_number = 1
),

answered as (
    select * from ranked_surveys
    where choice_number = 1
),

int_churn_reasons as (
    select
        coalesce(ended.customer_key, answered.customer_key) as customer_key,
        coalesce(ended.churned_date, answered.churned_date) as churned_date,
        coalesce(ended.cancel_reason, answered.reason) as churn_reason,
        ended.is_involuntary
    from ended
    full outer join answered
        on ended.customer_key = answered.customer_key and ended.churned_date = answered.churned_date
)

select * from int_churn_reasons
