-- One row per subscription as it is now. A trial that ended with the subscription was never paid; the end of one that was
-- never paid is none.
{{ config(enabled=fills('stripe', 'subscriptions')) }}

with

subscriptions as (
    {{ vendor_rows('stripe', 'subscriptions') }}
),

subscription_items as (
    {{ vendor_rows('stripe', 'subscription_items') }}
),

prices as (
    select * from {{ ref('stripe__prices') }}
),

amounts as (
    select
        subscription_items.brand,
        subscription_items.subscription_id,
        min(prices.plan) as plan,
        min(prices.currency) as currency,
        {{ major_units(
            'sum(coalesce(subscription_items.quantity, 1) * prices.unit_amount_monthly)', 'min(prices.currency)'
        ) }} as monthly_amount
    from subscription_items
    inner join prices on subscription_items.brand = prices.brand and subscription_items.price_id = prices.price_id
    where subscription_items.deleted_at is null
    group by 1, 2
),

dated_subscriptions as (
    select
        subscriptions.*,
        coalesce(ended_at, cancel_at) as end_at,
        case
            when status in ('incomplete', 'incomplete_expired', 'trialing') or ended_at <= trial_end then null
            else coalesce(trial_end, start_date)
        end as started_at
    from subscriptions
    where coalesce(is_current, true) and coalesce(livemode, true)
),

stripe__current_subscriptions as (
    select
        dated_subscriptions.brand,
        dated_subscriptions.id as subscription_id,
        dated_subscriptions.customer_id,
        amounts.plan,
        dated_subscriptions.status,
        dated_subscriptions.trial_start as trial_started_at,
        dated_subscriptions.trial_end as trial_ended_at,
        dated_subscriptions.started_at,
        case when dated_subscriptions.started_at is not null then dated_subscriptions.end_at end as ended_at,
        dated_subscriptions.canceled_at as cancelled_at,
        case
            when dated_subscriptions.cancellation_reason = 'payment_failed' then 'payment_failed'
            else dated_subscriptions.cancellation_feedback
        end as cancel_reason,
        case
            when dated_subscriptions.cancellation_reason is not null
            then dated_subscriptions.cancellation_reason = 'payment_failed'
            when dated_subscriptions.ended_at is not null and dated_subscriptions.status in ('unpaid', 'past_due')
            then true
        end as is_involuntary,
        amounts.monthly_amount,
        amounts.currency,
        dated_subscriptions.start_date,
        dated_subscriptions.loaded_at,
        dated_subscriptions.deleted_at
    from dated_subscriptions
    left join amounts on dated_subscriptions.brand = amounts.brand and dated_subscriptions.id = amounts.subscription_id
)

select * from stripe__current_subscriptions
