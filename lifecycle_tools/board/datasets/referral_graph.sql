-- Referrals by their depth: 1 is invited by a customer without an inviter.
select
    brand, ${currency}date_trunc('month', invited_date)::date as month,
    case when depth < 10 then depth::varchar when depth >= 10 then '10+' end as depth, status,
    count(*) as referral_count,
    sum(is_self_referral::integer) as self_referral_count, sum(closes_cycle::integer) as cycle_count,
    count(converted_date) as converted_count, sum(referred_net_revenue_amount) as referred_net_revenue_amount
from marts.customer_referrals
group by all
