-- One row per version of a subscription: as it is now, and before that one for each plan and amount that it had. The one of
-- now is dated by the last thing that happened to it: its start, a new plan or amount, its cancellation, its end.
{{ config(enabled=fills('stripe', 'subscriptions')) }}

with

subscriptions as (
    select * from {{ ref('stripe__current_subscriptions') }}
),

terms as (
    select * from {{ ref('stripe__subscription_terms') }}
),

happenings as (
    select brand, subscription_id, start_date as happened_at from subscriptions
    union all
    select brand, subscription_id, started_at from subscriptions
    union all
    select brand, subscription_id, cancelled_at from subscriptions
    union all
    select brand, subscription_id, ended_at from subscriptions where status = 'canceled'
    union all
    select brand, subscription_id, last_valid_from from terms
    union all
    -- an amount that no invoice has yet is known since the load that brought it
    select subscriptions.brand, subscriptions.subscription_id, subscriptions.loaded_at
    from subscriptions
    inner join terms
        on subscriptions.brand = terms.brand and subscriptions.subscription_id = terms.subscription_id
        and terms.valid_from = terms.last_valid_from and terms.monthly_amount <> subscriptions.monthly_amount
),

last_happenings as (
    select brand, subscription_id, max(happened_at) as updated_at
    from happenings
    group by brand, subscription_id
),

versions as (
    select
        subscriptions.*,
        last_happenings.updated_at
    from subscriptions
    left join last_happenings
        on subscriptions.brand = last_happenings.brand
            and subscriptions.subscription_id = last_happenings.subscription_id
    union all
    select
        subscriptions.brand, subscriptions.subscription_id, subscriptions.customer_id, terms.plan, 'active' as status,
        subscriptions.trial_started_at, subscriptions.trial_ended_at, subscriptions.started_at,
        null as ended_at, null as cancelled_at, null as cancel_reason, null as is_involuntary,
        terms.monthly_amount, terms.currency, subscriptions.start_date, terms.loaded_at,
        subscriptions.deleted_at, terms.valid_from as updated_at
    from terms
    inner join subscriptions on terms.brand = subscriptions.brand
        and terms.subscription_id = subscriptions.subscription_id
    inner join last_happenings on terms.brand = last_happenings.brand
        and terms.subscription_id = last_happenings.subscription_id
    -- one amount all the time needs no versions
    where terms.valid_from < last_happenings.updated_at
        and (terms.term_count > 1 or terms.monthly_amount <> subscriptions.monthly_amount)
),

stripe__subscriptions as (
    select
        brand,
        {{ vendor_id('stripe', 'subscription_id') }} as subscription_id,
        {{ vendor_id('stripe', 'customer_id') }} as customer_id,
        plan,
        status,
        trial_started_at,
        trial_ended_at,
        started_at,
        ended_at,
        cancelled_at,
        cancel_reason,
        is_involuntary,
        monthly_amount,
        currency,
        updated_at,
        loaded_at,
        deleted_at
    from versions
)

select * from stripe__subscriptions
