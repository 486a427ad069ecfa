-- Invitations by month and program, and what came of them.
select
    brand, ${currency}month_date as month, $program as program, sum(referrer_count) as referrer_count, sum(invite_count) as invite_count,
    sum(accepted_count) as accepted_count, sum(converted_count) as converted_count,
    sum(eligible_invite_count) as eligible_count, sum(converted_within_90d_count) as converted_within_90d_count,
    sum(referred_net_revenue_amount) as referred_net_revenue_amount, sum(reward_amount) as reward_amount,
    sum(self_referral_count) as self_referral_count, bool_and(is_mature) as is_mature
from marts.referral_metrics_monthly
group by all
