-- One row per month from the first invitation on: the figures of referral_metrics_monthly over all programs together. A
-- customer who invites by two programs is one inviter.
with

metrics as (
    select * from {{ ref('customer_lifecycle', 'int_referral_metrics') }}
    where scope = 'all'
),

referral_totals_monthly as (
    select
        brand,
        month_date,
        cast(active_customer_count as bigint) as active_customer_count,
        cast(referrer_count as bigint) as referrer_count,
        referral_rate,
        cast(invite_count as bigint) as invite_count,
        cast(eligible_invite_count as bigint) as eligible_invite_count,
        cast(converted_within_90d_count as bigint) as converted_within_90d_count,
        cast(winning_referrer_count as bigint) as winning_referrer_count,
        winning_referral_rate,
        k_factor,
        has_ended,
        is_mature
    from metrics
)

select * from referral_totals_monthly
