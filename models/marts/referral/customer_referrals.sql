-- One row per referral.
with

referrals as (
    select * from {{ ref('customer_lifecycle', 'int_referral_results') }}
),

customers as (
    select
        customer_key,
        customer_id
    from {{ ref('customer_lifecycle', 'int_customers') }}
),

customer_referrals as (
    select
        referrals.brand,
        referrals.referral_id,
        referrals.program,
        referrals.invite_channel,
        referrers.customer_id as referrer_customer_id,
        referred.customer_id as referred_customer_id,
        referrals.status,
        referrals.invited_date,
        referrals.accepted_date,
        referrals.converted_date,
        cast(referrals.cycle_days as integer) as cycle_days,
        referrals.referred_net_revenue_amount,
        referrals.reward_amount,
        referrals.is_self_referral,
        referrals.self_referral_evidence,
        cast(referrals.depth as integer) as depth,
        referrals.is_depth_capped,
        referrals.closes_cycle,
        cast('{{ setting("reporting_currency") | upper }}' as {{ text_type() }}) as currency
    from referrals
    left join customers as referrers on referrals.referrer_customer_key = referrers.customer_key
    left join customers as referred on referrals.referred_customer_key = referred.customer_key
)

select * from customer_referrals
