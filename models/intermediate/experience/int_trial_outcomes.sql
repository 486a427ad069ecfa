-- One row per trial, with the day on which it is over and the first paid start that it led to, on its own row or on a later
-- one of the same customer that had no trial, not more than trial_conversion_days after that day.
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

subscriptions as (
    select
        subscriptions.brand,
        subscriptions.subscription_id,
        identity_map.customer_key,
        -- the plan that was tried: another one may be paid
        coalesce(terms.plan, 'unknown') as plan,
        subscriptions.trial_started_at,
        subscriptions.trial_started_date,
        subscriptions.trial_ended_date,
        case when subscriptions.started_date <= as_of.as_of_date then subscriptions.started_date end as started_date
    from {{ ref('customer_lifecycle', 'stg_billing__subscriptions') }} as subscriptions
    cross join as_of
    inner join {{ ref('customer_lifecycle', 'int_identity_map') }} as identity_map
        on subscriptions.person_id = identity_map.person_id
    left join {{ ref('customer_lifecycle', 'stg_billing__subscription_terms') }} as terms
        on
            subscriptions.brand = terms.brand
            and subscriptions.subscription_id = terms.subscription_id
            and subscriptions.trial_started_date >= terms.valid_from
            and subscriptions.trial_started_date < terms.valid_to
    where
        identity_map.valid_to = {{ end_of_time() }}
        and {{ known_until('subscriptions.deleted_date', 'as_of.as_of_date') }} = {{ end_of_time() }}
),

trials as (
    select
        *,
        coalesce(trial_ended_date, {{ add_days('trial_started_date', setting('trial_default_days') | int) }})
            as trial_over_date
    from subscriptions
    where trial_started_date is not null
),

credited_trials as (
    -- a paid start without a trial of its own was led to by the latest trial before it, and by no other
    select
        trials.brand,
        trials.subscription_id,
        paid.started_date,
        row_number() over (
            partition by paid.brand, paid.subscription_id
            order by trials.trial_started_at desc, trials.subscription_id asc
        ) as choice_number
    from subscriptions as paid
    inner join trials
        on
            paid.brand = trials.brand
            and paid.customer_key = trials.customer_key
            and paid.started_date >= trials.trial_started_date
    where paid.trial_started_date is null
),

later_starts as (
    select brand, subscription_id, min(started_date) as started_date from credited_trials
    where choice_number = 1
    group by brand, subscription_id
),

trials_with_starts as (
    select
        trials.*,
        {{ add_days('trials.trial_over_date', setting('trial_conversion_days') | int) }} as due_date,
        -- paid before it was tried is no conversion
        case when trials.started_date >= trials.trial_started_date then trials.started_date end as own_date,
        later_starts.started_date as later_date
    from trials
    left join later_starts
        on trials.brand = later_starts.brand and trials.subscription_id = later_starts.subscription_id
),

first_payments as (
    select
        *,
        least(coalesce(own_date, later_date), coalesce(later_date, own_date)) as paid_date
    from trials_with_starts
),

int_trial_outcomes as (
    select
        trials.brand,
        trials.subscription_id,
        trials.customer_key,
        trials.plan,
        trials.trial_started_date,
        trials.trial_over_date,
        trials.due_date <= as_of.as_of_date as is_mature,
        case when trials.paid_date <= trials.due_date then trials.paid_date end as converted_date
    from first_payments as trials
    cross join as_of
)

select * from int_trial_outcomes
