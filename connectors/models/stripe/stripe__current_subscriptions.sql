-- One row per subscription as it is now. A trial that ended with the subscription was never paid, nor was one after which it
-- was paused for want of a means to pay; the end of one that was never paid is none. A trial that began later than the
-- subscription is a free time within it.
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
            'sum(' ~ priced_pieces('subscription_items.quantity') ~ ' * prices.unit_amount_monthly)', 'min(prices.currency)'
        ) }} as monthly_amount
    from subscription_items
    inner join prices on subscription_items.brand = prices.brand and subscription_items.price_id = prices.price_id
    where subscription_items.deleted_at is null
    group by 1, 2
),

subscriptions_there as (
    select subscriptions.*, coalesce(trial_start > start_date, false) as is_free_later
    from subscriptions
    where coalesce(is_current, true) and coalesce(livemode, true)
),

dated_subscriptions as (
    select
        subscriptions_there.*,
        coalesce(ended_at, cancel_at, case when cancel_at_period_end then current_period_end end) as end_at,
        case
            when status in ('incomplete', 'incomplete_expired') then null
            when is_free_later then start_date
            when status = 'trialing' or ended_at <= trial_end or (status = 'paused' and trial_end is not null) then null
            else coalesce(trial_end, start_date)
        end as started_at
    from subscriptions_there
),

stripe__current_subscriptions as (
    select
        dated_subscriptions.brand,
        dated_subscriptions.id as subscription_id,
        dated_subscriptions.customer_id,
        amounts.plan,
        case when is_free_later and status = 'trialing' then 'active' else status end as status,
        case when not is_free_later then dated_subscriptions.trial_start end as trial_started_at,
        case when not is_free_later then dated_subscriptions.trial_end end as trial_ended_at,
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
