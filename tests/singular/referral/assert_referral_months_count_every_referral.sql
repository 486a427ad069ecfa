-- The months of all programmes together hold each referral once, self-referrals apart, with all its money; what is eligible,
-- accepted and converted is part of what was sent.
with

months as (
    select
        brand,
        sum(invite_count) as invite_count,
        sum(self_referral_count) as self_referral_count,
        sum(converted_count) as converted_count,
        sum(referred_net_revenue_amount) as referred_net_revenue_amount,
        sum(reward_amount) as reward_amount,
        sum(case
            when
                accepted_count > invite_count
                or converted_count > invite_count
                or referrer_count > invite_count
                or eligible_invite_count > invite_count
                or converted_within_90d_count > eligible_invite_count
                or converted_within_90d_count > converted_count
                or (is_mature and eligible_invite_count <> invite_count)
                or (conversion_rate is null) <> (eligible_invite_count = 0)
                or (k_factor is not null and not is_mature)
                then 1
            else 0
        end) as impossible_count
    from {{ ref('customer_lifecycle', 'referral_metrics_monthly') }}
    group by brand
),

referrals as (
    select
        brand,
        sum(case when is_self_referral then 0 else 1 end) as invite_count,
        sum(case when is_self_referral then 1 else 0 end) as self_referral_count,
        count(converted_date) as converted_count,
        sum(referred_net_revenue_amount) as referred_net_revenue_amount,
        sum(reward_amount) as reward_amount
    from {{ ref('customer_lifecycle', 'customer_referrals') }}
    group by brand
)

select coalesce(months.brand, referrals.brand) as brand
from months
full outer join referrals on months.brand = referrals.brand
where
    months.brand is null
    or referrals.brand is null
    or months.impossible_count > 0
    or months.invite_count <> referrals.invite_count
    or months.self_referral_count <> referrals.self_referral_count
    or months.converted_count <> referrals.converted_count
    or months.referred_net_revenue_amount <> referrals.referred_net_revenue_amount
    or months.reward_amount <> referrals.reward_amount
