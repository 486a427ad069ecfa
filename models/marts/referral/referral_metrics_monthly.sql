-- One row per month and program.
with

metrics as (
    select * from {{ ref('customer_lifecycle', 'int_referral_metrics') }}
    where scope = 'program'
),

referral_metrics_monthly as (
    select
        brand,
        month_date,
        program,
        cast(active_customer_count as bigint) as active_customer_count,
        cast(referrer_count as bigint) as referrer_count,
        cast(invite_count as bigint) as invite_count,
        cast(accepted_count as bigint) as accepted_count,
        cast(converted_count as bigint) as converted_count,
        cast(eligible_invite_count as bigint) as eligible_invite_count,
        cast(converted_within_90d_count as bigint) as converted_within_90d_count,
        cast(winning_referrer_count as bigint) as winning_referrer_count,
        referral_rate,
        winning_referral_rate,
        invites_per_customer,
        conversion_rate,
        k_factor,
        cast(median_cycle_days as {{ double_type() }}) as median_cycle_days,
        cast(referred_net_revenue_amount as decimal(18, 2)) as referred_net_revenue_amount,
        cast(reward_amount as decimal(18, 2)) as reward_amount,
        cast(self_referral_count as bigint) as self_referral_count,
        has_ended,
        is_mature,
        cast('{{ setting("reporting_currency") | upper }}' as {{ text_type() }}) as currency
    from metrics
)

select * from referral_metrics_monthly
