-- One row per version of a subscription. It is paid from its start, and nothing more is charged once it is cancelled or
-- has expired. What one charge costs is spread over the months until the next.
{{ config(enabled=fills('recharge', 'subscriptions')) }}

with

subscriptions as (
    {{ vendor_rows('recharge', 'subscriptions') }}
),

recharge__subscriptions as (
    select
        brand,
        {{ vendor_id('recharge', 'id') }} as subscription_id,
        {{ vendor_id('recharge', 'customer_id') }} as customer_id,
        product_title as plan,
        lower(status) as status,
        created_at as started_at,
        coalesce(cancelled_at, case when lower(status) = 'expired' then updated_at end) as ended_at,
        cancelled_at,
        cancellation_reason as cancel_reason,
        case when cancelled_at is not null then max_retries_reached end as is_involuntary,
        cast(
            price * coalesce(quantity, 1) / nullif(coalesce(charge_interval_frequency, 1), 0)
            * case lower(order_interval_unit)
                when 'month' then 1 when 'week' then 52 / 12.0 when 'day' then 365 / 12.0 when 'year' then 1 / 12.0
            end as {{ sql_type('amount') }}
        ) as monthly_amount,
        upper(currency) as currency,
        coalesce(updated_at, created_at) as updated_at,
        loaded_at,
        -- loaders mark subscriptions as gone that are over, too: what was paid stays true
        case when lower(status) not in ('cancelled', 'expired') then deleted_at end as deleted_at
    from subscriptions
)

select * from recharge__subscriptions
