-- One row per referral that has not been deleted, with all that customer_referrals says of it and the keys to count it by.
{{ config(
    pre_hook="{{ stop_at_longer_chains('int_referral_chains', id='referral_id', of='referrals', step_count='depth') }}",
) }}
with

referrals as (
    select * from {{ ref('customer_lifecycle', 'int_referrals') }}
),

revenues as (
    -- of the customer won, from the conversion on, less what is refunded
    select
        referrals.brand,
        referrals.referral_id,
        sum(entries.net_revenue_amount) as net_revenue_amount
    from referrals
    inner join {{ ref('customer_lifecycle', 'int_revenue_entries') }} as entries
        on
            referrals.referred_customer_key = entries.customer_key
            and referrals.converted_date <= entries.ordered_date
    where referrals.has_won_customer
    group by referrals.brand, referrals.referral_id
),

chains as (
    select * from {{ ref('customer_lifecycle', 'int_referral_chains') }}
),

int_referral_results as (
    select
        referrals.brand,
        referrals.referral_id,
        referrals.program,
        referrals.invite_channel,
        referrals.referrer_customer_key,
        referrals.referred_customer_key,
        referrals.status,
        referrals.is_self_referral,
        referrals.self_referral_evidence,
        referrals.has_won_customer,
        referrals.invited_date,
        referrals.accepted_date,
        referrals.converted_date,
        {{ days_between('referrals.invited_date', 'referrals.converted_date') }} as cycle_days,
        cast(coalesce(revenues.net_revenue_amount, 0) as decimal(18, 2)) as referred_net_revenue_amount,
        -- a reward is earned by a conversion that stands, whatever was promised
        case
            when referrals.converted_date is null then cast(0 as decimal(18, 2))
            else cast(coalesce(referrals.promised_reward_amount, 0) as decimal(18, 2))
        end as reward_amount,
        case when not referrals.is_self_referral then coalesce(referrer_chains.depth, 0) + 1 end as depth,
        not referrals.is_self_referral and coalesce(referrer_chains.is_depth_capped, false) as is_depth_capped,
        coalesce(own_chains.closes_cycle, false) as closes_cycle
    from referrals
    left join revenues on referrals.brand = revenues.brand and referrals.referral_id = revenues.referral_id
    left join chains as referrer_chains on referrals.referrer_customer_key = referrer_chains.customer_key
    left join chains as own_chains on referrals.brand = own_chains.brand and referrals.referral_id = own_chains.referral_id
)

select * from int_referral_results
