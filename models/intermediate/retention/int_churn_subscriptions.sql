-- One row per customer and day on which the customer ceased to be active because a paid subscription had run out, with the
-- reason given for ending it; of several the one with a reason, then the smallest id.
with

subscriptions as (
    select
        memberships.customer_key,
        subscriptions.subscription_id,
        subscriptions.cancel_reason,
        subscriptions.is_involuntary,
        {{ add_days('subscriptions.ended_date', 'thresholds.subscription_grace_days') }} as churned_date
    from {{ ref('stg_billing__subscriptions') }} as subscriptions
    inner join {{ ref('int_identity_memberships') }} as memberships on subscriptions.person_id = memberships.person_id
    inner join {{ ref('int_customers') }} as customers on memberships.customer_key = customers.customer_key
    inner join {{ ref('lifecycle_thresholds') }} as thresholds on customers.threshold_segment = thresholds.segment
    where
        memberships.valid_to = {{ end_of_time() }}
        and subscriptions.started_date is not null
        and subscriptions.ended_date is not null
),

ranked as (
    select
        subscriptions.*,
        row_number() over (
            partition by subscriptions.customer_key, subscriptions.churned_date
            order by
                case when subscriptions.cancel_reason is null then 1 else 0 end,
                subscriptions.subscription_id
        ) as choice_number
    from subscriptions
    inner join {{ ref('int_customer_active_periods') }} as periods
        on subscriptions.customer_key = periods.customer_key and subscriptions.churned_date = periods.active_to
),

int_churn_subscriptions as (
    select
        customer_key,
        churned_date,
        cancel_reason,
        is_involuntary
    from ranked
    where choice_number = 1
)

select * from int_churn_subscriptions
